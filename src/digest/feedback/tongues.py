"""A text in another language than English in, whether a mail server tells a cause by it out.

A word for “unknown” or “full” says something only beside a word for what is unknown or full: “unbekannter Fehler” is of
no reader.  So each language has the nouns and what is said of them, as beginnings of words without accents, and they
are looked for beside each other, in either order, in a text as `causes.plain` leaves it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from digest.model import Cause


@dataclass(frozen=True, kw_only=True)
class Tongue:
    """What a language calls those who take part in a mail, and what it says of them: parted by ``|``."""

    reader: str  #: who or what a mail goes to
    writer: str  #: who it comes from
    domain: str
    gone: str  #: of a reader, writer or domain: not there
    room: str  #: of what a mailbox has only so much
    full: str
    off: str  #: of a mailbox that is there and takes nothing for now


TONGUES = (
    Tongue(  # German
        reader="empfanger|empfaenger|adressat|benutzer|nutzer|teilnehmer|postfach|mailbox|konto|adresse",
        writer="absender",
        domain="domain|domane|zielserver|rechnername",
        gone="unbekannt|existiert nicht|existieren nicht|nicht bekannt|nicht gefunden|nicht vorhanden|nicht gultig"
        "|nicht existent|nicht ermittelt|ungultig|gibt es nicht|kein solche|wurde geloscht",
        room="postfach|mailbox|speicherplatz|quota|kontingent",
        full="ist voll|voll ist|volles|uberfullt|ueberfuellt|erschopft|uberschritten|belegt",
        off="gesperrt|deaktiviert|stillgelegt",
    ),
    Tongue(  # French
        reader="destinataire|utilisateur|adresse|boite|compte|abonne",
        writer="expediteur|emetteur",
        domain="domaine|hote",
        gone="inconnu|existe pas|existe plus|introuvable|inexistant|invalide|pas trouve|pas ete trouve|pas reconnu"
        "|pas valide|plus valide",
        room="boite|quota|espace|messagerie",
        full="pleine|est plein|sature|depasse|insuffisant",
        off="suspendu|desactive|bloque|inactif|inactive",
    ),
    Tongue(  # Spanish
        reader="usuario|destinatario|direccion|buzon|cuenta|casilla",
        writer="remitente",
        domain="dominio",
        gone="desconocid|inexistente|invalid|no existe|no es valid|no valid|no encontrad|no se encontr|no se ha encontr"
        "|no se pudo encontr|no se puede encontr|no ha sido encontr|no fue encontr|no esta registrad",
        room="buzon|cuota|espacio|casilla|cuenta",
        full="lleno|llena|excedid|superad|agotad|sin espacio",
        off="suspendid|desactivad|deshabilitad|inactiv",
    ),
    Tongue(  # Portuguese
        reader="usuario|utilizador|destinatario|endereco|caixa|conta ",
        writer="remetente",
        domain="dominio",
        gone="desconhecid|inexistente|invalid|nao existe|nao encontrad|nao localizad|nao cadastrad|nao foi encontr"
        "|nao foi possivel encontr|nao foi localiz|nao e valid",
        room="caixa|cota|quota|espaco|limite",
        full="cheia|esta cheio|excedid|lotad|esgotad|ultrapass",
        off="suspens|desativad|bloquead|inativ",
    ),
    Tongue(  # Italian
        reader="utente|destinatario|indirizzo|casella|account",
        writer="mittente",
        domain="dominio",
        gone="sconosciut|inesistente|nessun |non esist|non trovat|non valid|non e stato trovat|non e valid"
        "|non e presente|non riconosciut",
        room="casella|quota|spazio",
        full="piena|e pieno|superat|esaurit|insufficiente",
        off="disabilitat|sospes|disattivat|bloccat",
    ),
    Tongue(  # Dutch
        reader="gebruiker|ontvanger|geadresseerde|adres|postbus|postvak|mailbox|account",
        writer="afzender",
        domain="domein",
        gone="onbekend|bestaat niet|niet gevonden|niet bekend|niet geldig|ongeldig|geen geldig",
        room="postbus|postvak|mailbox|quota|opslag",
        full="is vol|vol is|volle |overschreden",
        off="geblokkeerd|uitgeschakeld|opgeschort",
    ),
    Tongue(  # Swedish, Norwegian, Danish
        reader="anvandare|mottagare|adress|brevlada|postlada|bruker|mottaker|modtager|postkasse|postboks|konto",
        writer="avsandare|avsender|afsender",
        domain="doman|domene",
        gone="okand|ukjent|ukendt|finns inte|finnes ikke|findes ikke|hittades inte|kunne ikke finde|kunde inte hitta"
        "|ogiltig|ugyldig|eksisterer ikke|existerar inte",
        room="brevlada|postlada|postkasse|postboks|kvot",
        full="ar full|er full|er fuld|overfull|overskrid|overskred",
        off="sparrad|inaktiverad|deaktiver|sperret|sparret",
    ),
    Tongue(  # Polish
        reader="uzytkownik|odbiorc|adres|skrzynk|konto",
        writer="nadawc",
        domain="domen",
        gone="nieznan|nie istniej|nie znaleziono|nie zostal znalezion|nie zostala znalezion|nie ma taki"
        "|nieprawidlow|brak ",
        room="skrzynk|limit|miejsc",
        full="pelna|przepelnion|przekroczon",
        off="zablokowan|wylaczon|zawieszon|nieaktywn",
    ),
    Tongue(  # Czech, Slovak
        reader="uzivatel|prijemce|prijemca|adres|schrank",
        writer="odesilatel|odosielatel",
        domain="domen",
        gone="neexist|neznam|nenalezen|nenajden|neplatn",
        room="schrank|kvot",
        full="plna|prepln|prekrocen",
        off="zablokov|deaktivov|pozastaven",
    ),
    Tongue(  # Russian, Ukrainian
        reader="пользовател|получател|адрес|ящик|аккаунт|учетн|абонент|користувач|отримувач|скриньк",
        writer="отправител|відправник",
        domain="домен",
        gone="неизвестн|не существу|не найден|нет так|несуществующ|не зарегистрир|удален|невідом|не знайден|не існує"
        "|немає так",
        room="ящик|квот|скриньк|мест",
        full="переполн|заполн|превыш|перевищ|недостаточно",
        off="заблокир|отключ|приостановл|заблокован|вимкнен",
    ),
    Tongue(  # Turkish
        reader="kullanici|alici|adres|posta kutusu|hesap|hesab",
        writer="gonderen|gonderici",
        domain="alan adi",
        gone="bulunamad|bilinmeyen|bulunmuyor|mevcut degil|gecersiz|yok.",
        room="posta kutusu|kota",
        full="dolu|asildi",
        off="devre disi|askiya al",
    ),
    Tongue(  # Finnish
        reader="kayttaj|vastaanottaj|postilaatik|osoite",
        writer="lahettaj",
        domain="verkkotunnu",
        gone="tuntematon|ei ole olemassa|ei loyd",
        room="postilaatik",
        full="taynna|ylitty",
        off="suljettu",
    ),
    Tongue(  # Hungarian
        reader="felhasznalo|cimzett|postafiok",
        writer="felado",
        domain="tartomany",
        gone="ismeretlen|nem letez|nem talalhato|ervenytelen",
        room="postafiok|kvota",
        full="megtelt|betelt|tullep",
        off="letiltva|felfuggeszt",
    ),
    Tongue(  # Japanese
        reader="ユーザ|宛先|アドレス|メールボックス|受信者|ディレクトリ|アカウント",
        writer="送信者|差出人|送信元",
        domain="ドメイン|ホスト",
        gone="不明|見つかりません|見つからない|存在しません|存在しない|がありません|ではありません|にありません"
        "|にはありません"
        "|登録されていな|登録されていません",
        room="メールボックス|容量|受信箱",
        full="満杯|一杯|いっぱい|超過|超えて|上限|不足",
        off="停止|無効|凍結",
    ),
    Tongue(  # Chinese, in both scripts
        reader="用户|用戶|收件人|收件者|收信人|邮箱|郵箱|信箱|地址|帐号|帐户|帳號|帳戶|账号|账户",
        writer="发件人|發件人|寄件人|寄件者|发信人|發信人",
        domain="域名|网域|網域|主机|主機",
        gone="不存在|未知|无此|無此|查无|查無|找不到|没有找到|沒有找到|无法找到|無法找到|无效|無效|不正确|不正確"
        "|已注销|已註銷",
        room="邮箱|郵箱|信箱|空间|空間|容量",
        full="已满|已滿|满了|滿了|不足|超出|超过|超過",
        off="停用|禁用|冻结|凍結|锁定|鎖定",
    ),
    Tongue(  # Korean
        reader="사용자|수신자|수신인|받는 사람|받는사람|메일함|편지함|주소|계정|메일박스",
        writer="발신자|보내는 사람|보낸 사람|보낸사람",
        domain="도메인|호스트",
        gone="없습니다|없는|존재하지|찾을 수 없|알 수 없|잘못된",
        room="메일함|편지함|메일박스|용량|저장",
        full="가득|초과|부족",
        off="정지|휴면|비활성|중지",
    ),
    Tongue(  # Arabic
        reader="المستخدم|المستلم|المتلقي|العنوان|عنوان|الحساب|صندوق|مستخدم|مستلم",
        writer="المرسل|مرسل",
        domain="النطاق|نطاق",
        gone="غير موجود|غير معروف|غير صالح|غير صحيح|لا يوجد|لم يتم العثور|يتعذر العثور",
        room="صندوق|الحصة|المساحة",
        full="ممتل|تجاوز|غير كافية",
        off="معطل|موقوف|معلق",
    ),
)

#: Which fields of a language tell a cause: a noun, and what is said of it.
_TOLD: Mapping[Cause, tuple[str, str]] = {
    Cause.SENDER: ("writer", "gone"),
    Cause.FULL: ("room", "full"),
    Cause.DISABLED: ("reader", "off"),
    Cause.UNKNOWN_HOST: ("domain", "gone"),
    Cause.UNKNOWN_USER: ("reader", "gone"),
}

#: Characters within a sentence (`causes.by_words` parts them so) from the noun on to what is said of it, and back: an
#: adjective stands nearer.
_AFTER, _BEFORE = r"(?:(?! \. ).){0,60}", r"(?:(?! \. ).){0,15}"


def tells(cause: Cause, text: str) -> bool:
    """Whether a text says so in one of the languages."""
    if cause not in _TOLD:
        return False
    return any(_holds(text, nouns, said) and _beside(nouns, said).search(text) for nouns, said in _pairs(cause))


@cache
def _pairs(cause: Cause) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    noun, said = _TOLD[cause]
    return tuple((_words(one, noun), _words(one, said)) for one in TONGUES)


def _words(tongue: Tongue, field: str) -> tuple[str, ...]:
    return tuple(getattr(tongue, field).split("|"))


def _holds(text: str, nouns: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """A look that takes no time: most texts have not even the words."""
    return any(word in text for word in said) and any(word in text for word in nouns)


@cache
def _beside(nouns: tuple[str, ...], said: tuple[str, ...]) -> re.Pattern[str]:
    noun, word = ("|".join(map(re.escape, words)) for words in (nouns, said))
    return re.compile(f"(?:{noun}){_AFTER}(?:{word})|(?:{word}){_BEFORE}(?:{noun})")
