"""The names, in six languages, of the rules that come with a structure."""

_NAMES = {
    "CODE": {
        "en": "{name}: a code of {list}",
        "fr": "{name} : un code de {list}",
        "es": "{name}: un código de {list}",
        "ar": "{name}: رمز من {list}",
        "ru": "{name}: код из {list}",
        "zh": "{name}：{list} 中的代码",
    },
    "TYPE.integer": {
        "en": "{name}: a whole number",
        "fr": "{name} : un nombre entier",
        "es": "{name}: un número entero",
        "ar": "{name}: عدد صحيح",
        "ru": "{name}: целое число",
        "zh": "{name}：整数",
    },
    "TYPE.number": {
        "en": "{name}: a number",
        "fr": "{name} : un nombre",
        "es": "{name}: un número",
        "ar": "{name}: عدد",
        "ru": "{name}: число",
        "zh": "{name}：数字",
    },
    "TYPE.year": {
        "en": "{name}: a year",
        "fr": "{name} : une année",
        "es": "{name}: un año",
        "ar": "{name}: سنة",
        "ru": "{name}: год",
        "zh": "{name}：年份",
    },
    "TYPE.date": {
        "en": "{name}: a date of the calendar",
        "fr": "{name} : une date du calendrier",
        "es": "{name}: una fecha del calendario",
        "ar": "{name}: تاريخ في التقويم",
        "ru": "{name}: календарная дата",
        "zh": "{name}：有效的日历日期",
    },
    "RANGE.both": {
        "en": "{name}: from {low} to {high}",
        "fr": "{name} : de {low} à {high}",
        "es": "{name}: de {low} a {high}",
        "ar": "{name}: من {low} إلى {high}",
        "ru": "{name}: от {low} до {high}",
        "zh": "{name}：{low} 至 {high}",
    },
    "RANGE.low": {
        "en": "{name}: {low} or more",
        "fr": "{name} : {low} ou plus",
        "es": "{name}: {low} o más",
        "ar": "{name}: {low} أو أكثر",
        "ru": "{name}: {low} или больше",
        "zh": "{name}：不小于 {low}",
    },
    "RANGE.high": {
        "en": "{name}: {high} or less",
        "fr": "{name} : {high} ou moins",
        "es": "{name}: {high} o menos",
        "ar": "{name}: {high} أو أقل",
        "ru": "{name}: {high} или меньше",
        "zh": "{name}：不大于 {high}",
    },
    "REQUIRED": {
        "en": "{name}: must be given",
        "fr": "{name} : doit être renseigné",
        "es": "{name}: debe indicarse",
        "ar": "{name}: بيان إلزامي",
        "ru": "{name}: обязательно к заполнению",
        "zh": "{name}：必填",
    },
    "MISSING": {
        "en": "{name}: where there is no value, a kind of missing says why",
        "fr": "{name} : toute absence de valeur est motivée",
        "es": "{name}: toda falta de valor lleva su motivo",
        "ar": "{name}: سبب غياب القيمة مذكور",
        "ru": "{name}: причина отсутствия значения указана",
        "zh": "{name}：缺值须注明原因",
    },
    "KIND": {
        "en": "{name}: the reason of absence is a kind of missing",
        "fr": "{name} : le motif d’absence est un des codes prévus",
        "es": "{name}: el motivo de ausencia es uno de los códigos previstos",
        "ar": "{name}: سبب الغياب رمز من الرموز المقررة",
        "ru": "{name}: причина отсутствия — один из установленных кодов",
        "zh": "{name}：缺值原因为规定代码之一",
    },
    "UNIVERSE": {
        "en": "{name}: not applicable exactly where it does not hold that {universe}",
        "fr": "{name} : sans objet exactement hors du champ {universe}",
        "es": "{name}: no aplicable exactamente fuera del universo {universe}",
        "ar": "{name}: لا ينطبق خارج النطاق {universe} دون سواه",
        "ru": "{name}: неприменимо в точности вне совокупности {universe}",
        "zh": "{name}：仅在 {universe} 以外为不适用",
    },
    "UNIQUE": {
        "en": "The key names each row once: {key}",
        "fr": "La clé désigne chaque ligne une seule fois : {key}",
        "es": "La clave designa cada fila una sola vez: {key}",
        "ar": "المفتاح يميز كل صف مرة واحدة: {key}",
        "ru": "Ключ обозначает каждую строку один раз: {key}",
        "zh": "主键唯一标识每一行：{key}",
    },
}


def label(aspect: str, language: str, **words: str) -> str:
    """Return the name of a rule of one aspect, such as ``CODE`` or ``RANGE.low``, in a language.

    >>> label("RANGE.low", "fr", name="Âge", low="0")
    'Âge : 0 ou plus'
    """
    return _NAMES[aspect][language].format(**words)
