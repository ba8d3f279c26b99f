"""Words of news titles by what they are about, in English, German, French and Spanish; read by `subjects`.

A star stands for any ending.  A word under two headings counts under the first.
"""

from collections.abc import Mapping

#: By language and subject.
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "states": (
            "afghan* africa* albania* algeri* angola* ankara antarctic* arctic argentin* armeni* asia* assad "
            "australia* austria* azerbaijan* baghdad bahrain* balkan* bangladesh* beijing beirut belarus* belgi* "
            "benin berlin bolivia* bolsonaro bosnia* botswana* brazil* britain british brussels bulgaria* burkina "
            "burma burundi* cairo cambodia* cameroon* canada canadian* caribbean catal* chad chile* china chinese "
            "colombia* congo* costa crimea* croatia* cuba* cypriot* cyprus czech* damascus danish delhi denmark "
            "djibouti dominican* dutch ecuador* egypt* emirat* england erdogan eritrea* estonia* ethiopia* eu "
            "europe* fiji* filipin* finland finnish france french gabon* gambia* gaza georgian* german* ghana* "
            "greece greek* greenland* guatemala* guinea* guyan* haiti* hamas hezbollah hondura* hong houthi* "
            "hungar* iceland* india indian* indonesia* iran* iraq* ireland irish islamabad israel* istanbul ital* "
            "ivory jamaica* japan* jerusalem jinping jordan* kabul kashmir* kazakh* kenya* khamenei kong korea* "
            "kosovo* kremlin kurd* kuwait* kyiv kyrgyz* laos latvia* lebanese lebanon lesotho liberia* libya* "
            "lithuania* london lula luxembourg macedonia* macron madagascar madrid maduro malawi* malaysia* "
            "maldives mali malian* malta mauritani* mediterranean merz mexic* modi moldova* mongolia* montenegr* "
            "morocc* moscow mozambi* myanmar namibia* nato nepal* netanyahu netherlands nicaragua* niger nigeria* "
            "norw* oman orban pacific pakistan* palestin* panama* papua paragua* paris peru* philippin* poland "
            "polish pope portug* putin pyongyang qatar* romania* rome russia* rwanda* sahel salvador* saudi* "
            "scholz scotland scottish senegal* seoul serbia* singapore* slovak* sloveni* somali* spain spanish "
            "sri starmer sudan* sunak swed* swiss switzerland syria* taiwan* tajik* taliban tanzania* tehran "
            "thai* tibet* togo* tokyo tonga truss tunisia* turkey turkish turkmen* uganda* uk ukrain* un uruguay* "
            "uzbek* vatican venezuela* vietnam* wales welsh yemen* zambia* zealand zelensk* zimbabwe* "
        ),
        "force": (
            "abduct* airstrike* army assassinat* attack* blast* bodies bomb* casualt* ceasefire clash* coup dead "
            "death* died dies drone* dying execut* explod* explosion* forces gang gangs genocide gunfire gunm* "
            "hostage* hostilit* injur* insurgen* invade* invasion junta kidnap* kill* massacre* milita* militant* "
            "missile* murder* navy nuclear occupation offensive paramilitar* peace raid* rebel* refugee* rocket* "
            "sabotage shell shelled shelling shells shooting* siege slain slaying soldier* stabb* strike strikes "
            "terror* troop* truce war warfare wars weapon* wound* "
        ),
        "disaster": (
            "aircraft avalanche* blackout* blackouts blaze* boat* bus capsiz* cholera collaps* collision* crash* "
            "crush cyclone* derail* disaster* drought* earthquake* ebola emergency epidemic* erupt* evacuat* "
            "famine ferries ferry fire fires flood* gorge heatwave* helicopter* hurricane* jet landslide* "
            "magnitude measles missing monkeypox mpox mudslide* outage* outbreak* pandemic passenger* plane "
            "planes quake* rains rescue* runway sank ship ships shipwreck* sink* stampede* storm* sunk toll "
            "tornado* train trains tsunami* typhoon* vessel* virus volcan* wildfire* "
        ),
        "rule": (
            "abdicat* accord agreement allies ally ambassador* annex* asylum ban banned bans bilateral bill "
            "border* cabinet chancellor coalition congress constitution* curfew decree* demonstrat* deport* "
            "diplomat* dissolv* elect* election* embass* govern* government* impeach* independen* king law "
            "lawmaker* leader leaders legislat* martial migrant* minister* monarch* nations nobel opposition "
            "order orders oust* pact parliament* premier president* prime prince protest* queen referendum "
            "resign* riot* sanction* senate sovereign* summit* sworn talks throne treaty united unrest vote* "
            "voting "
        ),
        "court": (
            "acquit* appeal* arrest* bribe* charge* convict* corrupt* court* detain* espionage extort* extradit* "
            "fraud guilty indict* jail* judge* jury justice lawsuit* pardon* plead* prison* prosecut* ruled rules "
            "ruling sentenc* spies spy sue sued sues supreme trial* tribunal* tried verdict* "
        ),
        "economy": (
            "acqui* antitrust bank bankrupt* bond bonds budget central currenc* debt default earnings ecb econom* "
            "energy export* fed fine fined gas gdp imf import* inflation investor* layoff* market* merger* oil "
            "opec price prices profit* rate rates recession revenue shares stock stocks takeover* tariff* trade "
            "unemployment union "
        ),
        "sport": (
            "astros athlete* baseball basketball bears beat beats bowl braves bulls celtics champion* "
            "championship* chiefs coach* contract cowboys cubs dodgers draft eagles espn fantasy final finals "
            "football game games giants goal* golf halftime hockey homer* injury inning* jets knicks lakers "
            "league match* mets mlb nascar nba ncaa nfl nhl odds packers padres patriots pga phillies pick picks "
            "pitcher player* playoff* preview quarterback* rams receiver rookie* roster* score* scoring season "
            "semifinal* signs soccer sox steelers team* tennis touchdown* tournament* traded ufc vs warriors win "
            "wins wnba wwe yankees "
        ),
        "show": (
            "actor* actress* album* art artist* author* baby bachelor* beyonce book* box boyfriend broadway cast "
            "celebrit* comed* concert* dating disney divorce* drama* emmy* engaged episode* fans fashion film* "
            "finale girlfriend grammy* harry hollywood hulu husband instagram kardashian* meghan meme* memoir* "
            "movie* museum* music netflix novel* oscar* podcast* pregnan* premiere* rapper* recap* review* royal "
            "show shows singer* song* star stars streaming swift taylor tiktok tour trailer* tv viral wedding* "
            "wife "
        ),
        "service": (
            "amazon android app apple apps beauty best card cards cat cats cheap* christmas college* column* cons "
            "cook* could coupon* credit crossword* dad day deal deals diet* dog dogs eat eating editorial* "
            "explained explainer* feel* fitness food forecast* friday galaxy garden* gift* guide* hair halloween "
            "here's history holiday* home homes horoscope* hotel* house how i ideas iphone* kids kitchen know "
            "laptop* letters life list lottery love makeup may mental might mom money mortgage* my newsletter* "
            "numbers opinion* parent* pet pets photo* powerball pros puzzle* quiz* ranked rankings recipe* "
            "restaurant* sale save school* self shop shopping should skin sleep stories story student* teacher* "
            "tell thanksgiving things tips today top travel vacation* video* watch ways we weather weekend what "
            "when where who why winning wordle workout* you your zodiac "
        ),
    },
    "de": {
        "states": (
            "afghan* argentin* austral* belg* brasil* britisch* brüssel bulgar* chile chilen* china chines* "
            "deutschland dänemark dänisch* estland* eu europa* finn* frankreich französisch* gaza griech* "
            "großbritannien hamas indien* indones* irak* iran* irland* island* israel* italien* japan* jerusalem "
            "kanad* kiew kolumb* korea* kroat* lettland* liban* litau* london mexik* moskau nato niederl* norweg* "
            "pakistan* palästin* papst paris peking polen poln* portug* rom rumän* russ* saudi* schwed* schweiz* "
            "serb* spani* sudan* syri* südafrik* taiwan* teheran thai* tschech* tunes* türk* ukrain* ungar* "
            "ungarn uno us usa vatikan venez* vietnam* ägypt* österreich* "
        ),
        "force": (
            "angriff* anschlag* armee* belager* bombe* drohne* ermord* explosion* flüchtling* frieden* "
            "geflüchtet* geisel* getötet* krieg* massaker* milit* opfer panzer* putsch* rakete* rebell* "
            "schießerei* schüsse* soldat* terror* tot tote* truppen* verletz* waffe* "
        ),
        "disaster": (
            "abgestürzt* absturz* ausbruch* beben brand brände* cholera dürre* ebola eingestürzt* einsturz* "
            "entgleis* erdbeben* erdrutsch* evakuier* flut* gesunken großbrand* hitzewelle* hochwasser* "
            "hungersnot* hurrikan* katastroph* kollision* lawine* notstand* orkan* pandemie* rettung* seuche* "
            "stromausfall* taifun* tornado* tsunami* unglück* unwetter* vermisst* vulkan* waldbrand* zyklon* "
            "überschwemm* "
        ),
        "rule": (
            "abkommen* abschieb* abstimm* asyl* botschaft* bundestag* demonstr* diplomat* gesetz* gipfel* grenz* "
            "kabinett* kanzler* koalition* könig* minister* nobelpreis* opposition* parlament* premier* protest* "
            "präsident* referendum regierung* rücktritt* sanktion* staatschef* unruhen* verbot* verbündet* "
            "verfassung* verhandl* wahl* wähl* "
        ),
        "court": (
            "angeklag* anklage* begnadig* betrug* festgenommen* gefängnis* gericht* haft* klage* korrupt* "
            "prozess* richter* schuldig* spion* staatsanw* urteil* verhaft* verurteil* "
        ),
        "economy": (
            "aktie* arbeitslos* börse* energie* export* ezb fusion* gas* gewinn* handel* haushalt* import* "
            "inflation* insolvenz* konjunktur* leitzins* notenbank* pleite* preis* rezession* schulden* umsatz* "
            "wirtschaft* zentralbank* zins* zoll zölle* öl* übernahme* "
        ),
        "sport": (
            "bundesliga champions em finale formel fußball* halbfinale* handball* liga meister* olympi* pokal* "
            "sieg* spiel* tennis tor tore trainer* transfer* turnier* wm "
        ),
        "show": (
            "album* baby buch* dschungelcamp film* hochzeit* kino* konzert* musik* netflix promi* roman* royals "
            "schauspiel* serie* star stars sänger* tatort trennung* "
        ),
        "service": (
            "abnehmen angebot* fotos* garten* gesund* heute horoskop* hotel* kolumne* kommentar* lotto* quiz* "
            "ratgeber* reise* rezept* rätsel* so sparen test* tipps urlaub* video* warum was wetter* wie "
        ),
    },
    "fr": {
        "states": (
            "afghan* algéri* allema* angl* argentin* austral* belg* birman* britann* bruxelles brésil* bulgar* "
            "canad* chili* chin* colomb* congo* corée* croat* cuba* danemark espagn* ethiop* europ* finland* gaza "
            "grec* grèce hamas haïti* hongr* inde indien* indonés* irak* iran* irland* israël* ital* japon* "
            "jordan* jérusalem kenya* kiev liban* libye libyen* londres mali malien* maroc* mexi* moscou niger "
            "nigéria* norvèg* onu otan pakistan* palestin* pape polog* polon* portug* pékin pérou qatar* roumain* "
            "roumanie royaume russ* saoud* serb* soudan* suisse* suèd* syri* sénégal* taïwan* tchad* thaïl* "
            "tunis* turc* turqu* téhéran ue ukrain* vatican venezuel* vietnam* yémen* égypt* éthiop* "
        ),
        "force": (
            "arme armes armée* assassin* attaque* attentat* blessé* bomb* drone* explosion* frappe* fusillade* "
            "guerre* massacre* milit* missile* mort morte* morts otage* paix putsch rebelle* réfugié* siège "
            "soldat* terror* troupes trêve tué* "
        ),
        "disaster": (
            "avalanche* bilan canicule* catastrophe* choléra collision* crash* crue* cyclone* disparu* dérail* "
            "ebola effondre* famine glissement incendie* inondation* naufrage* ouragan* pandémie* panne* secours "
            "sécheresse* séisme* tempête* tornade* tremblement tsunami* typhon* urgence volcan* épidémie* "
            "éruption* évacu* "
        ),
        "rule": (
            "accord* allié* ambassad* asile assemblée chancel* coalition* constitution* diplom* dirigeant* "
            "décret* démission* expuls* frontière* gouvernement* interdi* loi lois manifest* migrant* ministre* "
            "nobel négociation* opposition parlement* premier président* reine roi référendum sanction* scrutin* "
            "sommet* sénat traité* vote* élection* élu* émeute* "
        ),
        "court": (
            "accus* arrestation* arrêté* condamn* corrupt* coupable* cour espion* fraude* inculp* juge* justice "
            "parquet* plainte* prison* procès tribunal* verdict* "
        ),
        "economy": (
            "action* banque* bce bourse* budget* bénéfice* chômage commerce dette* douane* export* faillite* "
            "fusion* gaz import* inflation prix pétrole rachat* récession* taux économ* énergie* "
        ),
        "sport": (
            "but buts championnat* coupe entraîneur* finale* foot football joueur* ligue match* psg rugby tennis "
            "tournoi* transfert* victoire* "
        ),
        "show": (
            "acteur* actrice* album* bébé chanteu* cinéma* concert* film* livre* mariage* musique* netflix people "
            "roman* star stars série* "
        ),
        "service": (
            "astuce* bon bons chronique* comment conseil* guide* horoscope* hôtel* jardin* jeu jeux loto météo "
            "photo* pourquoi promo* quel* quiz* recette* tribune* vacances vidéo* voyage* "
        ),
    },
    "es": {
        "states": (
            "afgan* alem* argel* argentin* austral* belg* bolivi* brasil* británic* bruselas bulgar* canad* "
            "chile* chin* colombia* corea* croac* cuba* dinamarca ecuador* egipt* españ* estados europ* filipin* "
            "finland* franc* gaza grec* grieg* guatemal* hait* hamás hondur* hungría húngar* india indones* irak* "
            "iran* irland* irán israel* ital* japon* japón jerusalén jordan* kenia* kiev libano* libi* londres "
            "líban* marroqu* marrueco* mexic* moscú méxico nicarag* nigeri* norueg* onu otan pakist* palestin* "
            "panam* papa paragua* pekín peru* perú polac* polonia portug* reino rumani* rusi* ruso* saud* serbi* "
            "siri* sudan* sudán suec* suiz* tailand* taiw* teherán turc* turqu* ucrani* ucrania* ue urugua* "
            "vaticano venezol* venezuel* vietnam* yemen* "
        ),
        "force": (
            "arma armas asedio asesin* ataque* atentado* bomb* dron* ejército* explosi* golpe guerra* herid* "
            "masacre* mata* milit* misil* muert* paz rebelde* refugiad* rehenes rehén soldado* terror* tiroteo* "
            "tregua tropas "
        ),
        "disaster": (
            "accidente* apagón* avalancha* brote* catástrofe* choque* ciclón* cólera derrumb* desaparecid* "
            "descarril* deslave* emergencia* epidemia* erupci* evacu* hambruna* huracán* incendio* inundaci* "
            "naufragio* ola pandemia* rescat* sequía* sismo* terremoto* tifón* tormenta* tornado* tsunami* "
            "volcán* ébola "
        ),
        "rule": (
            "acuerdo* aliad* asilo canciller* coalición congreso constituci* cumbre* decreto* deport* dimisi* "
            "dimite diplom* disturbio* eleccion* elector* embaj* frontera* gobierno* ley leyes líder* manifest* "
            "migrante* ministr* negociaci* nobel oposición parlamento* president* primer prohíb* protest* "
            "referéndum reina renuncia* rey sancion* senado tratado* vot* "
        ),
        "court": (
            "acusa* condena* corrup* corte culpable* cárcel* demanda* deten* detenid* espía* fiscal* fraude* "
            "juez* jueza* juicio* justicia prisión* tribunal* veredicto* "
        ),
        "economy": (
            "accion* adquisi* arancel* banco* bce beneficio* bolsa* comercio desempleo deuda* econom* energía "
            "export* fusión* gas import* inflación paro petróleo precio* presupuesto* quiebra* recesión tasa "
            "tasas "
        ),
        "sport": (
            "baloncesto barça campeon* copa entrenador* fichaje* final fútbol gol goles jugador* liga partido* "
            "semifinal* tenis torneo* victoria* "
        ),
        "show": (
            "actor* actriz* bebé boda* cantante* cine concierto* estrella* famos* libro* música netflix novela* "
            "película* serie* álbum* "
        ),
        "service": (
            "columna* consejo* cómo foto* guía* horóscopo* hotel* jardín* lotería* mejor mejores oferta* opinión "
            "porqué quiz* qué receta* tiempo truco* vacacion* viaje* video* vídeo* "
        ),
    },
}
