"""Answers to codes: in eight languages, by the label alone, and never by a guess."""

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.read.answers import answers, read_answers
from migstat.words.finding import MigstatError
from migstat.work.names.answers import words_of

LISTS = sorted({one.codelist for one in answers()})


@pytest.mark.parametrize("id", LISTS)
def test_every_name_of_a_code_in_every_language_is_its_own(id):
    codes = ms.codelist(id)
    wrong = [
        (code.id, language, name, found)
        for code in codes
        if code.attributes.get("kind", "") in ("", "missing")
        for language, name in code.names.items()
        if (found := ms.recognise(id, name, language).code) != code.id
    ]

    assert [] == wrong


@pytest.mark.parametrize("id", LISTS)
def test_every_wording_means_its_code_or_one_of_its_line_in_its_language(id):
    codes = ms.codelist(id)
    wordings = [one for one in answers() if one.codelist == id]
    meant: dict[tuple[tuple[str, ...], str], set[str]] = {}
    for one in wordings:
        meant.setdefault((words_of(one.text), one.language), set()).add(one.code)
    wrong = [
        (one.code, one.language, one.text, found.code)
        for one in wordings
        if (found := ms.recognise(id, one.text, one.language)).code
        not in {one.code, *codes.descendants(one.code), *codes.ancestors(one.code)}
        and len(meant[words_of(one.text), one.language]) == 1
    ]

    assert [] == wrong


RIGHT = {
    "CL_SEX": {
        "M": "Male|male|MALES|Hombre|homme|masculin|Masculino|männlich|ذكر|муж.|男|1 = Male|M: male|garçon|varón",
        "F": "Female|Mujer|femme|féminin|Feminino|weiblich|أنثى|жен.|女|2. Femenino|F|Women",
        "_N": "no responde|Not stated|k.A.|refused|non déclaré|拒答",
        "_Z": "NIU|Not in universe|N/A|no aplica",
    },
    "CL_MISSING": {
        "_U": "ne sait pas|NSP|Don't know|DK|ignorado|inconnu|unbekannt|не знаю|لا أعرف|不详|no especificado",
        "_N": "not stated (aged 15 and over)|no contesta|ns/nc|Refused|Keine Angabe|нет ответа|غير مبين",
        "_Z": "not applicable (under 15)|N/A (less than 1 year old)|does not apply: students|Sans objet|entfällt",
    },
    "CL_MARITAL": {
        "SINGLE": "Never married|Soltero(a)|célibataire|solteiro/a|ledig|أعزب|未婚|не замужем|Single, never married",
        "MARRIED": "Now married|Casada|Marié(e)|verheiratet|متزوج|已婚|Married, spouse absent",
        "PARTNER": "Unión libre|Union libre|Cohabiting|união estável|En pareja",
        "WIDOWED": "Viudo/a|veuve|verwitwet|أرمل|вдова|丧偶",
    },
    "CL_LABOUR": {
        "EMP": "Employed, at work|Ocupado|actif occupé|erwerbstätig|مشتغل|就业",
        "UNE": "Unemployed|Desempregado|chômeur|arbeitslos|безработный|متعطل|失业|Buscando trabajo",
        "OLF": "Not in labor force|inactif|Inactivo",
        "OLF_STUD": "Inactif : étudiant|Student|Estudiante|Schüler/Student|طالب",
        "OLF_HOME": "Ama de casa|homemaker|Hausfrau|ربة منزل|料理家务",
    },
    "CL_RESID_PRIOR": {
        "SAME_HOUSE": "Yes, same house (nonmovers)|En esta vivienda|même logement|同一住所",
        "ABROAD": "No, outside US and Puerto Rico|En otro país|à l'étranger|Ausland|за границей|国外|خارج البلاد",
        "DIFF_HOUSE": "No, different house in US or Puerto Rico",
        "DIFF_MIN": "same major, different minor unit|otro municipio",
        "_Z": "not born yet|Aún no nacía",
    },
    "CL_MIG_REASON": {
        "EMP_NF": "Looking for a job|búsqueda de trabajo|recherche d'emploi|البحث عن عمل|找工作|To look for work",
        "EMP_TRF": "Job transfer|mutation|traslado|工作调动",
        "EDUC": "Études|estudio|Studium|учеба|الدراسة|学习培训|education or training",
        "FAM_REU": "Family reunification|regroupement familial|Familienzusammenführung|投亲靠友",
        "FAM": "marriage or divorce",
        "IPROT": "international protection or asylum",
        "OTH": "other, not specified|Otra causa|Autre motif",
    },
    "CL_CITIZENSHIP": {"STLS": "Stateless|apátrida|staatenlos|无国籍", "PER": "peruana|peruanisch", "_N": "Not stated"},
    "CL_COUNTRY_BIRTH": {"M49_015": "Northern Africa", "GBR": "England", "MMR": "Burma", "SUHH": "URSS"},
    "CL_RELATIONSHIP": {"CHILD_IN_LAW": "Son-in-law or daughter-in-law|yerno", "REFERENCE": "Jefe(a) de hogar|户主"},
    "CL_URBAN": {"RURAL": "Non-urban|centro poblado|ländlich|农村", "URBAN": "milieu urbain|حضر"},
    "CL_EDUCATION": {"ISCED_00": "No schooling completed|sin instrucción", "ISCED_8": "PhD|Doctorat"},
    "CL_YES_NO": {"Y": "Sí|oui|ja|да|نعم|是", "N": "No|non|nein|нет|لا|否"},
    "CL_MIG_STATUS": {"NAT_CIT": "U.S. citizen by naturalization", "REF": "réfugié", "ASY": "asylum seeker|طالب لجوء"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("id", "code", "label"),
    [(id, code, label) for id, codes in RIGHT.items() for code, labels in codes.items() for label in labels.split("|")],
)
def test_labels_of_forms(id, code, label):
    assert code == ms.recognise(id, label).code


@pytest.mark.parametrize(
    ("id", "label"),
    [
        ("CL_SEX", "1"),
        ("CL_SEX", "9"),
        ("CL_SEX", "Missouri"),
        ("CL_SEX", "male or female"),
        ("CL_MARITAL", "not married"),
        ("CL_MARITAL", "widowed or divorced"),
        ("CL_LABOUR", "no ocupado"),
        ("CL_MIG_REASON", "violence in the family"),
        ("CL_MIG_REASON", "end of studies"),
        ("CL_RESID_PRIOR", "country not specified"),
        ("CL_MISSING", "NA"),
        ("CL_YES_NO", "2"),
        ("CL_MIG_STATUS", "Not a citizen of the U.S."),
        ("CL_COUNTRY_BIRTH", "Micronesia"),
        ("CL_COUNTRY_BIRTH", "Yugoslavia"),
        ("CL_CITIZENSHIP", "Afganistn"),
    ],
)
def test_what_is_not_sure_has_no_code(id, label):
    assert ms.recognise(id, label).code is None


@pytest.mark.parametrize(
    ("label", "language", "beside", "code"),
    [
        ("M", None, ["F"], "M"),
        ("M", None, ["H"], "F"),
        ("M", None, [], "M"),
        ("M", "es", ["H"], "F"),
        ("M", "de", ["W"], "M"),
        ("V", "es", ["M"], "M"),
    ],
)
def test_a_letter_is_told_by_the_other_labels(label, language, beside, code):
    assert code == ms.recognise("CL_SEX", label, language, beside=beside).code


def test_a_label_below_the_threshold_is_a_candidate():
    found = ms.recognise("CL_MIG_REASON", "purchase, sale or building of housing")

    assert (None, "ambiguous") == (found.code, found.how)
    assert ["HOUS"] == [one.code for one in found.candidates]
    assert "'housing' is in it, among other words; 0.70 is below 0.85" == found.reason


@settings(max_examples=200)
@given(label=st.text(max_size=30), id=st.sampled_from(LISTS))
def test_any_label_has_an_answer_that_keeps_the_promises(label, id):
    found = ms.recognise(id, label)

    assert (id, label) == (found.codelist, found.text)
    assert found.reason
    assert len(found.candidates) <= 3
    assert found.code is None or (found.code in ms.codelist(id) and found.confidence >= 0.85)


@pytest.mark.parametrize(
    ("file", "id", "target", "least"),
    [
        ("sex_crosswalk.csv", "CL_SEX", "target", 1.0),
        ("residence_prior_crosswalk.csv", "CL_RESID_PRIOR", "target", 0.85),
        ("reason_crosswalk.csv", "CL_MIG_REASON", "target", 0.65),
        ("missing_codes.csv", "CL_MISSING", "sdmx_missing", 0.85),
    ],
)
def test_the_wordings_of_the_field(shared, file, id, target, least):
    with (shared / "standards" / file).open(encoding="utf-8", newline="") as lines:
        rows = [(row["meaning"], row[target]) for row in csv.DictReader(lines) if row[target] in ms.codelist(id)]
    found = [(code, ms.recognise(id, text).code) for text, code in rows]
    given = [(code, got) for code, got in found if got is not None]

    assert sum(code == got for code, got in given) >= 0.97 * len(given)
    assert len(given) >= least * len(rows)


def test_wordings_of_an_office_go_before_ours(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("codelist,code,language,match,text\nCL_MARITAL,SEPARATED,es,whole,Soltero\n", encoding="utf-8")

    assert "SEPARATED" == ms.recognise("CL_MARITAL", "soltero", wordings=path).code
    assert "SINGLE" == ms.recognise("CL_MARITAL", "soltero").code


def test_a_table_of_wordings_tells_all_its_faults_at_once(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text(
        "codelist,code,language,match,text\nCL_SEKS,M,en,whole,man\nCL_SEX,MM,en,whole,man\nCL_SEX,M,en,part,man\n"
        "CL_SEX,M,en,whole,\nCL_SEX,M,en,whole,gent\n",
        encoding="utf-8",
    )

    with pytest.raises(MigstatError) as error:
        read_answers(path)

    assert [
        "answers.csv:2: there is no codelist 'CL_SEKS'",
        "answers.csv:3: CL_SEX has no code 'MM'",
        "answers.csv:4: match: 'part' is not known",
        "answers.csv:5: has no text",
    ] == [f"{one.place}: {one.what}" for one in error.value.findings]
