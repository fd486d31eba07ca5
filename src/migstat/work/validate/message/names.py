"""The names, in six languages, of the rules for data messages."""

from migstat.words.codelist import LANGUAGES

_NAMES = {
    "XX01": {
        "en": "{name}: a component of the structure",
        "fr": "{name} : un composant de la structure",
        "es": "{name}: un componente de la estructura",
        "ar": "{name}: مكوّن من مكونات البنية",
        "ru": "{name}: компонент структуры",
        "zh": "{name}：结构的组成部分",
    },
    "COLUMN": {
        "en": "{name}: is there",
        "fr": "{name} : est présent",
        "es": "{name}: está presente",
        "ar": "{name}: موجود",
        "ru": "{name}: присутствует",
        "zh": "{name}：存在",
    },
    "GIVEN": {
        "en": "{name}: must be given",
        "fr": "{name} : doit être renseigné",
        "es": "{name}: debe indicarse",
        "ar": "{name}: يجب ذكره",
        "ru": "{name}: должно быть указано",
        "zh": "{name}：必须填写",
    },
    "CODE": {
        "en": "{name}: a code of {list}",
        "fr": "{name} : un code de {list}",
        "es": "{name}: un código de {list}",
        "ar": "{name}: رمز من {list}",
        "ru": "{name}: код из {list}",
        "zh": "{name}：{list} 中的代码",
    },
    "KEY": {
        "en": "Each key stands once",
        "fr": "Chaque clé figure une seule fois",
        "es": "Cada clave figura una sola vez",
        "ar": "كل مفتاح يرد مرة واحدة",
        "ru": "Каждый ключ стоит один раз",
        "zh": "每个键只出现一次",
    },
    "FORMAT": {
        "en": "{name}: {facets}",
        "fr": "{name} : conforme au format {facets}",
        "es": "{name}: conforme al formato {facets}",
        "ar": "{name}: مطابق للصيغة {facets}",
        "ru": "{name}: соответствует формату {facets}",
        "zh": "{name}：符合格式 {facets}",
    },
    "FREQUENCY": {
        "en": "{name}: a period of the frequency",
        "fr": "{name} : une période de la fréquence",
        "es": "{name}: un período de la frecuencia",
        "ar": "{name}: فترة توافق التواتر",
        "ru": "{name}: период указанной периодичности",
        "zh": "{name}：与频率相符的时期",
    },
    "REGION": {
        "en": "{name}: allowed by {constraint}",
        "fr": "{name} : admis par {constraint}",
        "es": "{name}: admitido por {constraint}",
        "ar": "{name}: مسموح به وفق {constraint}",
        "ru": "{name}: допускается {constraint}",
        "zh": "{name}：{constraint} 允许",
    },
    "SERIES": {
        "en": "Series: allowed by {constraint}",
        "fr": "Série : admise par {constraint}",
        "es": "Serie: admitida por {constraint}",
        "ar": "السلسلة: مسموح بها وفق {constraint}",
        "ru": "Ряд: допускается {constraint}",
        "zh": "序列：{constraint} 允许",
    },
    "LEVEL": {
        "en": "{name}: one value within {within}",
        "fr": "{name} : une seule valeur dans {within}",
        "es": "{name}: un solo valor dentro de {within}",
        "ar": "{name}: قيمة واحدة ضمن {within}",
        "ru": "{name}: одно значение в пределах {within}",
        "zh": "{name}：在 {within} 内只有一个值",
    },
    "TOTAL": {
        "en": "{name}: totals equal their parts",
        "fr": "{name} : les totaux égalent leurs parties",
        "es": "{name}: los totales igualan sus partes",
        "ar": "{name}: المجاميع تساوي أجزاءها",
        "ru": "{name}: итоги равны сумме частей",
        "zh": "{name}：总计等于各部分之和",
    },
}


def names_of(aspect: str, names: dict[str, str] | None = None, **words: str) -> dict[str, str]:
    """Return the name of a rule in all languages.

    >>> names_of("GIVEN", {"en": "Sex", "fr": "Sexe"})["fr"]
    'Sexe : doit être renseigné'
    """
    given = names or {}
    english = given.get("en") or next(iter(given.values()), "")
    return {one: _NAMES[aspect][one].format(name=given.get(one) or english, **words) for one in LANGUAGES}
