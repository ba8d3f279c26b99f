"""What mail servers say in other languages than English."""

import pytest

from bounces import plain, report
from digest.feedback.causes import by_words
from digest.feedback.reading import read
from digest.model import Cause, Kind

UNKNOWN, FULL, OFF, HOST, SENDER = (
    Cause.UNKNOWN_USER,
    Cause.FULL,
    Cause.DISABLED,
    Cause.UNKNOWN_HOST,
    Cause.SENDER,
)

SAID = {
    "de": {
        UNKNOWN: "Der Empfänger ist hier unbekannt",
        FULL: "Das Postfach von Ada ist voll",
        OFF: "Das Konto wurde gesperrt",
        HOST: "Die Domain example.net existiert nicht",
        SENDER: "Absenderadresse unbekannt",
    },
    "fr": {
        UNKNOWN: "Cette boîte n'existe plus",
        FULL: "La boîte du destinataire est pleine",
        OFF: "Le compte a été suspendu",
        HOST: "Le domaine est introuvable",
        SENDER: "Expéditeur inconnu",
    },
    "es": {
        UNKNOWN: "No se encontró al destinatario",
        FULL: "El buzón está lleno",
        OFF: "La cuenta fue desactivada",
        HOST: "El dominio no existe",
        SENDER: "Remitente desconocido",
    },
    "pt": {
        UNKNOWN: "Usuário não encontrado",
        FULL: "A caixa de entrada está cheia",
        OFF: "A conta está suspensa",
        HOST: "O domínio não existe",
        SENDER: "Remetente inválido",
    },
    "it": {
        UNKNOWN: "La casella è inesistente",
        FULL: "La casella è piena",
        OFF: "Utente disabilitato",
        HOST: "Il dominio non esiste",
        SENDER: "Mittente sconosciuto",
    },
    "nl": {
        UNKNOWN: "De gebruiker bestaat niet",
        FULL: "De postbus is vol",
        OFF: "Dit account is geblokkeerd",
        HOST: "Het domein is niet gevonden",
        SENDER: "Afzender onbekend",
    },
    "sv": {UNKNOWN: "Användaren finns inte", FULL: "Brevlådan är full", HOST: "Domänen hittades inte"},
    "da": {UNKNOWN: "Modtageren findes ikke", FULL: "Postkassen er fuld"},
    "pl": {
        UNKNOWN: "Nie ma takiego użytkownika",
        FULL: "Skrzynka odbiorcy jest pełna",
        OFF: "Konto zostało zablokowane",
    },
    "cs": {UNKNOWN: "Uživatel neexistuje", FULL: "Schránka je plná"},
    "ru": {
        UNKNOWN: "Пользователь не найден",
        FULL: "Почтовый ящик переполнен",
        OFF: "Ящик заблокирован",
        HOST: "Домен не существует",
        SENDER: "Отправитель неизвестен: неизвестный отправитель",
    },
    "uk": {UNKNOWN: "Отримувача не знайдено", FULL: "Скринька переповнена: перевищено квоту скриньки"},
    "tr": {UNKNOWN: "Kullanıcı bulunamadı", FULL: "Posta kutusu dolu"},
    "fi": {UNKNOWN: "Vastaanottajaa ei löydy", FULL: "Postilaatikko on täynnä"},
    "hu": {UNKNOWN: "A címzett ismeretlen", FULL: "A postafiók megtelt"},
    "ja": {
        UNKNOWN: "ユーザーは見つかりません",
        FULL: "メールボックスがいっぱいです",
        OFF: "このアカウントは停止されています",
        HOST: "ドメインが存在しません",
        SENDER: "差出人のアドレスが存在しません",
    },
    "zh": {
        UNKNOWN: "收件人不存在",
        FULL: "对方邮箱已满",
        OFF: "该用户已被停用",
        HOST: "域名不存在",
        SENDER: "发件人地址无效",
    },
    "ko": {UNKNOWN: "사용자를 찾을 수 없습니다", FULL: "메일함이 가득 찼습니다", HOST: "도메인을 찾을 수 없습니다"},
    "ar": {UNKNOWN: "المستلم غير موجود", FULL: "صندوق البريد ممتلئ", OFF: "الحساب معطل"},
}


@pytest.mark.parametrize("language", SAID)
def test_each_language_tells_the_cause(language):
    assert {cause: by_words(said) for cause, said in SAID[language].items()} == {one: one for one in SAID[language]}


def test_accents_may_be_missing():
    assert by_words("La boite est pleine") is FULL
    assert by_words("Direccion de correo no valida: usuario inexistente") is UNKNOWN


@pytest.mark.parametrize(
    "said",
    [
        "Unbekannter Fehler",
        "Erreur inconnue",
        "Error desconocido",
        "Errore sconosciuto",
        "Onbekende fout",
        "Неизвестная ошибка",
        "不明なエラー",
        "未知错误",
        "알 수 없는 오류",
        "خطأ غير معروف",
        "このアドレスに返信する必要はありません",
    ],
)
def test_an_unknown_error_is_no_unknown_reader(said):
    assert by_words(said) is not UNKNOWN


@pytest.mark.parametrize("language", SAID)
def test_without_a_status_the_words_decide_beside_a_reply_code(language):
    found = read(report("ada@example.net", said=f"550 {SAID[language][UNKNOWN]}", status="5.0.0"))
    assert (found.worst.cause, found.worst.severity) == (UNKNOWN, "hard")


@pytest.mark.parametrize("language", SAID)
def test_words_without_any_code_of_a_server_are_not_enough(language):
    for status, severity in (("5.0.0", "soft"), ("5.1.1", "hard")):
        found = read(report("ada@example.net", said=SAID[language][UNKNOWN], status=status))
        assert (found.worst.cause, found.worst.severity) == (UNKNOWN, severity)
    assert read(report("ada@example.net", said="User unknown", status="5.0.0")).worst.severity == "hard"


@pytest.mark.parametrize(
    "subject",
    [
        "Unzustellbar: Rates held",
        "Non remis : Rates held",
        "No se puede entregar: Rates held",
        "Não entregue: Rates held",
        "Non recapitabile: Rates held",
        "Onbestelbaar: Rates held",
        "Olevererbart: Rates held",
        "Niedostarczalne: Rates held",
        "Nedoručitelné: Rates held",
        "Недоставлено: Rates held",
        "Teslim edilemedi: Rates held",
        "無法傳遞: Rates held",
        "无法送达: Rates held",
        "배달되지 않음: Rates held",
        "غير قابل للتسليم: Rates held",
    ],
)
def test_notices_are_known_by_their_subject(subject):
    body = "ada@example.net\n550 5.1.1\n\nFrom: daily@example.org\nTo: ada@example.net\nSubject: Rates held\n"
    found = read(plain(subject, body, sender="Outlook <postmaster@example.com>"))
    assert (found.kind, found.worst.address) == (Kind.BOUNCE, "ada@example.net")
    assert read(plain(subject, body, sender="Outlook <it@example.com>")).kind is Kind.BOUNCE
