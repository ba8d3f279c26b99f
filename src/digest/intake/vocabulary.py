"""What stands around articles on news pages, in ten languages: parts of regular expressions, read by `furniture`.

English, German, French, Spanish, Italian, Portuguese, Dutch, Arabic, Chinese, Japanese; one line or more for each.
Everything is matched without regard to case.
"""

#: The whole of a menu entry, button or small label.
MENU = (
    "(?:main |site |toggle |open )?(?:menu|navigation)", r"search(?: \.\.\.)?", "close", "open", "home",
    "back to top",
    "skip to (?:main )?content", "(?:log|sign) ?(?:in|out|up)", "register", "subscribe(?: now)?",
    "(?:my )?account", "advertisement", "ad", "sponsored", "print", "save",
    r"loading\.*", "next", "previous", "follow us(?: on .*)?", "(?:breaking|latest) news|latest",
    "contact(?: us)?", "about(?: us)?", "terms (?:of|and|&) .*", "privacy(?: (?:notice|policy|settings))?",
    "cookies?(?: (?:notice|policy|preferences|settings))?", "rss", "newsletters?", "market data", "staff reporter",
    r"\d{1,3} min(?:ute)?s? read", r"(?:updated |published )?\d{1,2} (?:minute|hour|day)s? ago",
    "(?:haupt)?menü(?: öffnen)?", "suchen?", "schließen", "(?:zur )?startseite", "zum inhalt(?: springen)?",
    "ressorts",
    "(?:an|ab)melden|login|registrieren", "abo(?:nnieren|nnement|s)?|jetzt abonnieren", "anzeige|werbung",
    "drucken|merken|vorlesen", "impressum", "datenschutz(?:erklärung|hinweise)?", "agb|nutzungsbedingungen",
    "kontakt",
    "(?:lesezeit|lesedauer):? .*", r"(?:aktualisiert )?vor \d{1,2} (?:minuten?|stunden?|tag(?:en)?)", "nach oben",
    "(?:ouvrir le |fermer le )?menu", "rechercher|recherche", "fermer", "accueil", "aller au contenu(?: principal)?",
    "se (?:dé)?connecter|connexion|s['’]inscrire", "s['’]abonner|abonnez-vous", "publicité|annonce", "imprimer",
    "mentions légales|plan du site|contact|nous contacter", r"qui sommes-nous ?\??|cgu",
    "(?:politique de )?confidentialité|gérer les cookies", r"temps de lecture ?:? .*|lecture \d+ min\.?",
    r"il y a \d{1,2} (?:minutes?|heures?|jours?)", "la suite après (?:cette|la) publicité", "réagir",
    "(?:abrir |cerrar )?menú", "buscar", "cerrar", "inicio|portada", "(?:saltar|ir) al contenido(?: principal)?",
    "(?:iniciar|cerrar) sesión|regístrate|registrarse", "suscríbe(?:te|se)|suscribirse", "publicidad|anuncio",
    "imprimir|guardar", "última hora|redacción", "aviso legal|mapa del sitio|contacto|quiénes somos",
    "(?:política|aviso) de (?:privacidad|cookies)|configuración de cookies",
    r"hace \d{1,2} (?:minutos?|horas?|días?)", r"(?:tiempo de )?lectura:? \d+ min.*",
    "(?:apri |chiudi )?menu", "cerca", "chiudi", "vai al contenuto(?: principale)?", "accedi|registrati|esci",
    "abbonati", "pubblicità", "stampa|salva", "ultime notizie|ultim['’]ora|redazione",
    "riproduzione riservata|note legali|mappa del sito|contatti", "chi siamo|gestisci i cookie",
    "informativa (?:sulla )?(?:privacy|cookie)",
    r"tempo di lettura:? .*|\d+ min(?:uti)? di lettura", r"\d{1,2} (?:minuti|ore|giorni) fa",
    "abrir menu|fechar", "(?:ir|pular|saltar) para o conteúdo(?: principal)?", "pesquisar|procurar",
    "entrar|sair|cadastr(?:o|e-se)|iniciar sessão", "assin(?:e|ar)(?: já)?", "publicidade|anúncio",
    "continua (?:depois|após) (?:da|a) publicidade", "últimas notícias|(?:da )?redação", "início|página inicial",
    "política de (?:privacidade|cookies)|termos de uso", "mapa do site|fale conosco|contato|quem somos",
    r"há \d{1,2} (?:minutos?|horas?|dias?)", "tempo de leitura:? .*",
    "hoofdmenu|menu openen", "zoeken", "sluiten", "(?:ga|spring) naar (?:de )?inhoud",
    "inloggen|uitloggen|registreren",
    "abonne(?:ren|ment)|abonneer", "advertentie", "afdrukken|bewaren", "net binnen|laatste nieuws|redactie",
    "privacy(?:beleid|verklaring)|gebruiksvoorwaarden|colofon", "cookie-?instellingen", "leestijd:? .*",
    r"\d{1,2} (?:minuten|minuut|uur|dagen|dag) geleden",
    "(?:فتح |إغلاق )?القائمة", "بحث|ابحث", "إغلاق", "(?:الصفحة )?الرئيسية", "تخط[ىي] إلى المحتوى(?: الرئيسي)?",
    "تسجيل (?:الدخول|الخروج)", "اشترك(?: الآن)?", "إعلان(?:ات)?", "طباعة|حفظ", "آخر الأخبار|عاجل",
    "سياسة (?:الخصوصية|ملفات .*)|شروط الاستخدام", "اتصل بنا|من نحن",
    r"قبل (?:\d+ )?(?:دقيق\w*|دقائق|ساع\w*|يوم\w*|أيام).{0,10}", "(?:مدة|وقت) القراءة.*",
    "(?:跳到|跳转至?|跳至)(?:正文|内容|主要内容)", "(?:主)?(?:菜单|選單|导航|導航)", "搜索|搜尋|查找",
    "(?:网站)?首页|首頁", "登录|登錄|登入|注册|註冊",
    "订阅|訂閱", "广告|廣告", "打印|列印|收藏", "最新消息|即时新闻",
    "关于我们|關於我們|联系我们|聯絡我們|免责声明|隐私政策", "隱私政策|使用条款",
    "(?:责任)?编辑[:：].*|(?:責任)?編輯[:：].*", "返回顶部|字号.*",
    "(?:本文|コンテンツ)へ(?:スキップ|移動)", "メニュー|ナビゲーション", "検索", "ホーム|トップ(?:ページ)?",
    "ログイン|ログアウト|会員登録|新規登録",
    "購読(?:する)?", "広告|pr", "印刷|保存", "最新ニュース|速報", "利用規約|プライバシー(?:ポリシー)?",
    "個人情報(?:保護方針|の取り扱い.*)|お問い合わせ|会社概要", "サイトマップ",
)  # fmt: skip

#: The whole of a heading over other articles: they stand within a text, and under it.
ELSEWHERE = (
    "(?:read )?more", "more (?:from|in) .*", "most (?:popular|read)", "(?:top|trending) stories", "trending(?: now)?",
    "related(?: (?:articles|content|coverage|news|posts|reading|stories|topics))?", "you (?:may|might) also like",
    "recommended(?: (?:for you|reading|stories))?", "editor'?s'? picks?", "(?:tags|topics)(?::.*)?",
    "read (?:also|next)",
    "up next", "in other news", "don['’]t miss",
    "mehr zum thema|mehr (?:dazu|lesen)|mehr aus .*|zum thema", "lesen sie auch|auch interessant|meistgelesen",
    "das könnte (?:sie|dich) (?:auch )?interessieren",
    "(?:ähnliche|weitere|verwandte) (?:artikel|beiträge|themen|nachrichten)",
    "empfehlungen|(?:schlagworte|themen)(?::.*)?",
    "sur le même (?:sujet|thème)|à lire(?: aussi| également)?", "lire (?:aussi|également)",
    "(?:vous aimerez|voir) aussi",
    "(?:les )?(?:plus lus|articles (?:liés|similaires|associés))",
    "à la une|nos recommandations|(?:mots-clés|tags) ?:?.*",
    "(?:noticias|artículos|contenido|temas) relacionad[ao]s?", "más (?:noticias|leíd[ao]s?|información)",
    "te (?:puede|podría) interesar", "(?:lea|lee|ver) (?:también|además)|etiquetas(?::.*)?", "lo más (?:leído|visto)",
    "(?:articoli|notizie|contenuti) correlat[ie]|leggi anche", "(?:ti )?potrebbe(?:ro)? interessar(?:ti|e).*",
    "(?:i )?più letti|altre notizie|argomenti(?::.*)?|vedi anche",
    "(?:notícias|matérias|artigos|conteúdos?) relacionad[oa]s?",
    "(?:leia|veja) (?:também|mais)|mais (?:lidas|notícias)",
    "você (?:também )?pode (?:gostar|se interessar).*", "(?:também )?pode (?:te|lhe) interessar|tópicos(?::.*)?",
    "saiba mais",
    "lees meer over.*|meer nieuws|meer over .*", "lees (?:ook|verder|meer.*)|gerelateerd(?:e .*)?|meest gelezen",
    "bekijk ook",
    "(?:مواضيع|مقالات|أخبار|موضوعات) (?:ذات صلة|متعلقة|مشابهة)",
    "اقرأ (?:أيضا|أيضاً|المزيد)|قد يهمك(?: أيضا| أيضاً)?", "الأكثر (?:قراءة|مشاهدة)|المزيد",
    "(?:相关|相關|延伸|推荐|推薦)(?:阅读|閱讀|新闻|新聞|文章|报道|報導)", "热门(?:文章|新闻)?",
    "熱門(?:文章|新聞)?|更多(?:新闻|内容|精彩)?|标签[:：].*|猜你喜欢",
    "(?:関連|おすすめ|人気|合わせて|あわせて)(?:の)?(?:記事|ニュース|リンク|キーワード|読みたい)?",
    "(?:合わせて|あわせて)読みたい|アクセスランキング|ランキング", "もっと見る|続きを読む",
)  # fmt: skip

#: The whole of a heading over what readers say: no body text comes behind it.
DISCUSSION = (
    r"(?:view |show |leave a |post a |add a )?(?:comments?|reply)(?: \(?\d+\)?)?", r"\d+ comments?",
    "join the (?:conversation|discussion)",
    r"(?:\d+ )?(?:leser)?kommentare?(?: \(?\d+\)?)?", "kommentar schreiben|diskutieren sie mit",
    r"(?:\d+ )?commentaires?(?: \(?\d+\)?)?",
    r"(?:\d+ )?coment[áa]rios?(?: \(?\d+\)?)?|deixe (?:seu|um) comentário",
    r"(?:\d+ )?commenti(?: \(?\d+\)?)?|lascia un commento",
    r"(?:\d+ )?reacties?(?: \(?\d+\)?)?|reageer", r"(?:التعليقات|تعليقات|أضف تعليق[ااً]*)(?: \(?\d+\)?)?",
    r"(?:评论|評論|留言|网友评论)(?:\(?\d+\)?)?", r"コメント(?:する|欄|\d*件?|[（(]\d+[）)])?",
)  # fmt: skip

#: How a sign-up, share, cookie or rights box begins.
BEGINNINGS = (
    r"welcome to (?:the )?\S+(?: \S+){0,2}[.!]?$", r"sign up\b", r"subscribe\b", r"register (?:now|for free|to)\b",
    r"get (?:the|our|your) .*(?:newsletter|inbox|app|briefing)\b", "follow (?:us|@)", "download (?:the|our) ",
    "already (?:a )?subscribe", "(?:enter )?your e-?mail", "reporting by .*(?:editing|writing) by", "our standards:",
    "by (?:clicking|continuing|signing up|subscribing)", "thanks? (?:you )?for (?:signing|subscribing)",
    r"copyright (?:©|\(c\)|\d{4})", "©", r"\(c\) ?\d", "share this", "click here",
    r"(?:read|see) (?:more|also)\s*:", r"related\s*:", "(?:article|story) continues (?:below|after)",
    "this article (?:first|originally)", "support (?:our|independent) journalism",
    "join (?:our|the) (?:newsletter|mailing)",
    "melden sie sich .*newsletter", r"(?:jetzt|hier) .{0,30}(?:abonnieren|anmelden|registrieren)\b",
    r".{0,150}\b(?:jetzt|hier) (?:kostenlos |gratis )?(?:abonnieren|anmelden)[.!]?$", "folgen sie uns",
    r"(?:lesen|sehen) sie (?:auch|mehr|hier)\s*:", r"(?:mehr|auch) (?:dazu|interessant|zum thema)\s*:",
    "artikel teilen",
    "inscrivez-vous|abonnez-vous|suivez-nous|téléchargez (?:notre|l['’])", r"(?:à )?lire (?:aussi|également)\s*:",
    "je m['’]inscris",
    "partage[rz]? (?:cet|l['’]|sur)", "recevez .*(?:mail|newsletter|boîte|lettre)",
    r"suscríb(?:a|e)(?:se|te) (?:a|al|y|en)\b",
    "recib[ae] .*(?:en (?:tu|su) (?:correo|móvil|buzón)|boletín|newsletter)", "síguenos|síganos|regístrate",
    r"(?:lea|lee|ver|vea) (?:también|además|más)\s*:", r"(?:noticia|nota) relacionada\s*:",
    "comparte (?:esta|este|en)",
    "iscriviti|registrati (?:gratis|per|e|ora|a)|seguici", "ricevi .*(?:posta|mail|newsletter)",
    r"leggi (?:anche|pure)\s*:", "condividi (?:su|questo)",
    r"(?:inscreva|cadastre|assine)(?:-se)? (?:a|na|no|e|para|já|nossa|em)\b",
    "receba .*(?:e-?mail|newsletter|whatsapp)", "siga(?:-nos| nossa)",
    r"(?:leia|veja) (?:também|mais)\s*:", "clique aqui|compartilhe",
    r"schrijf (?:je|u) (?:nu |gratis )?(?:in|hier)\b", "ontvang .*(?:mailbox|nieuwsbrief|inbox)", "volg ons",
    r"(?:lees|zie|bekijk) (?:ook|meer)\s*:",
    "اشترك (?:الآن|في (?:نشرت|قنات|خدم))", "تابعونا|تابعنا على", r"(?:اقرأ|شاهد|إقرأ) (?:أيضا|أيضاً|المزيد)\s*[:：]",
    "للاشتراك", "حمل التطبيق",
    "(?:扫描|掃描|扫码|长按)", "关注(?:我们|微信|公众号)|關注我們", "(?:点击|點擊)(?:此处|这里|進入|进入|下载)",
    "(?:延伸|相关|推荐)阅读[:：]", "(?:订阅|訂閱)我们",
    "(?:メールマガジン|メルマガ|ニュースレター)", "(?:無料)?会員(?:登録|限定)",
    "(?:関連|あわせて読みたい)(?:記事)?[:：]", "フォローする|公式(?:twitter|x|line)",
    "この記事をシェア",
)  # fmt: skip

#: How a notice on cookies begins; it is one where it also asks for consent (`CONSENT`).
COOKIES = (
    "(?:we|this (?:web)?site|our (?:web)?site) uses? cookies", "wir (?:verwenden|nutzen|setzen) .*cookies?",
    "(?:diese|unsere) (?:web)?(?:site|seite) (?:verwendet|nutzt)",
    "nous utilisons (?:des )?cookies|ce site (?:utilise|web)", "(?:utilizamos|usamos) (?:las )?cookies",
    "(?:este|nuestro) sitio (?:web )?(?:utiliza|usa)",
    "(?:utilizziamo|usiamo) (?:i )?cookie|questo sito (?:utilizza|usa)", "(?:este|nosso) site (?:utiliza|usa)",
    "(?:wij|we) gebruiken cookies|deze (?:web)?site gebruikt",
    "نستخدم ملفات|يستخدم (?:هذا )?(?:الموقع|موقعنا)", "(?:我们|本网站|本站).{0,6}(?:使用|採用).{0,6}cookie",
    "(?:当サイト|このサイト|当社).{0,12}(?:cookie|クッキー)",
)  # fmt: skip
CONSENT = (
    r"\byou(?:r|rs)?\b", "accept|policy|consent", r"akzeptier\w*|zustimm\w*|\bstimmen sie\b|erlebnis",
    "einstellungen|datenschutz", r"\bvotre\b|\bvos\b|accept\w*", r"\btu\b|acept\w*|navega\w*|experiencia",
    r"\btua\b|navigazione|accett\w*|esperienza", r"aceit\w*|concord\w*|experiência|navega\w*",
    r"\buw\b|accepteer\w*|akkoord|ervaring", "توافق|تجربتك|موافقت", "同意|体验|體驗|您|你",
    "同意|設定|お客様|利用規約",
)  # fmt: skip

#: Anywhere in a short block: whose the text is.
RIGHTS = (
    "all rights reserved", "alle rechte vorbehalten", "tous droits réservés", "todos los derechos reservados",
    "(?:tutti i diritti riservati|riproduzione riservata)", "todos os direitos reservados",
    "alle rechten voorbehouden",
    "(?:جميع الحقوق|كافة الحقوق|حقوق النشر) محفوظة", "版权所有|版權所有|未经(?:许可|授权)", "無断(?:転載|複製)",
)  # fmt: skip

#: The first step of a trail to a page.
HOME = (
    "home", "startseite", "accueil", "inicio", "portada", "início", "página inicial", "(?:الصفحة )?الرئيسية",
    "(?:网站)?首页|首頁", "ホーム|トップ|home",
)  # fmt: skip

#: What a section is called in ``Section: Name``.
SECTION_LABELS = (
    "section|category|filed under", "ressort|rubrik|kategorie", "rubrique|catégorie", "sección|categoría",
    "sezione|categoria", "seção|editoria|secção",
    "rubriek|categorie", "القسم|التصنيف", "栏目|分类|欄目", "カテゴリー?",
)  # fmt: skip

#: What a picture's credit begins with: ``Photo: Name``.
CREDIT_LABELS = (
    "фото|источник", r"zdjęcie|fot\.?",
    "(?:source|photo(?:graph)?|image|picture|credit)s?(?: credit| courtesy| by)?",
    "quelle|fotos?|bild(?:er|quelle|nachweis)?|grafik", "cr[ée]dits?(?: photos?)?|photos?",
    "fuente|foto(?:grafía)?s?|imagen|crédito", "fonte|foto|immagine|crediti", "fonte|fotos?|imagem|créditos?",
    "bron|foto|beeld",
    "المصدر|صورة|الصورة|تصوير|مصدر الصورة", "(?:图片|图|圖片)?(?:来源|來源)|图片?|圖片?|摄影|攝影|供图|供圖",
    "写真(?:提供|出典)?|画像|提供|出典|撮影",
)  # fmt: skip

#: Services and words of a line of buttons for sharing.
SHARING = frozenset({
    "facebook", "twitter", "x", "whatsapp", "linkedin", "reddit", "telegram", "pinterest", "email", "mail", "print",
    "messenger", "tumblr", "flipboard", "bluesky", "threads", "xing", "pocket", "instagram", "youtube", "tweet",
    "line", "hatena", "feedly", "copy", "link", "share", "shares", "pin", "save", "drucken", "teilen", "kopieren",
    "partager", "imprimer", "courriel", "envoyer", "compartir", "imprimir", "condividi", "stampa", "compartilhar",
    "copiar", "delen", "afdrukken", "kopieer", "copier", "lien", "enlace", "شارك", "فيسبوك", "تويتر", "واتساب",
    "تلغرام", "مشاركة", "نسخ", "الرابط", "分享到", "分享", "微信", "微博", "qq", "朋友圈", "シェア", "ツイート",
    "ブックマーク", "e", "on", "via", "this", "article", "to", "auf", "per", "an", "diesen", "artikel", "sur", "par",
    "cet", "cette", "l", "en", "por", "este", "artículo", "su", "questo", "articolo", "no", "na", "o", "a", "de",
    "op", "dit", "على", "عبر", "إلى", "با", "で", "する",
})  # fmt: skip
