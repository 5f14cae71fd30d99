"""Headers that every platform has in common: ratios, budgets, periods, breakdowns, connectors' own columns.

All as regular expressions or headers over keys (see ``header_key``): lower case, without accents, spaces, dots,
dashes and underscores.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Never stored: ratios are recomputed from sums, reach does not add, budgets are today's value repeated.
NOT_STORED: Final = (
    r"^$|^unnamed:?\d*$|^(row|index|level)\d*$"
    r"|ctr|cpc|cpm|cpa|cpv|cpi|cpe|vtr|cvr|roas|acos|roi$|%|/|^cost(per|/)|^kosten(pro|per|/)|^cout(par|/)|^costepor|^custopor"
    r"|^costoper|^koszt(za|na)|^coutparresultat|^average|^avg|^durchschn|^moy|^promedio|^media|^cpm|rate$|rate\(|ratio$|share$|share\("
    r"|^reach|^reichweite|^couverture|^alcance|^copertura|^zasieg|^bereik|frequen|^haufigkeit|^czestotliwosc"
    r"|unique|budget|presupuesto|orcamento|^bid|quality|relevance|score$|position"
    r"|^video|videoviews|views$|playactions|engagement|interactions|^likes|^comments|^shares|^follows|opens$"
    r"|^viewthrough|^allconv|^allrevenue|^activeview|^crossdevice|searchimpr|impr(ession)?share|^phone|^calls$"
    r"|status$|^status|^estado$|^statut$|^etat$|^stato$|^stan$|delivery|^objective|strategy"
    r"|^fivetran|^airbyte|^dlt|^sdc|^batchid$|^loadid$|fivetranid$|^baddigest$"
)

# A period that is not a day, and the word for it.
PERIODS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("week", "woche", "semaine", "semana", "settimana", "tydzien", "isoweek", "weekof"), "week"),
    **dict.fromkeys(("month", "monat", "mois", "mes", "mese", "miesiac", "maand", "monthofyear", "yearmonth"), "month"),
    **dict.fromkeys(("quarter", "quartal", "trimestre", "kwartal", "kwartaal"), "quarter"),
    **dict.fromkeys(("year", "jahr", "annee", "ano", "anno", "rok", "jaar"), "year"),
    **dict.fromkeys(("dayofweek", "wochentag", "hourofday", "tageszeit"), "part of the week"),
}

# Breakdowns that split one key into several additive rows.
BREAKDOWNS: Final = (
    "device", "device type", "device os", "gerät", "appareil", "dispositivo", "urządzenie", "apparaat",
    "network", "network (with search partners)", "top vs. other", "ad distribution", "language", "delivered match type",
    "age", "gender", "alter", "geschlecht", "âge", "sexe", "edad", "sexo", "idade", "gênero", "età", "sesso",
    "leeftijd",
    "geslacht", "wiek", "płeć", "country", "region", "city", "land", "pays", "país", "paese", "kraj", "dma region",
    "placement", "platform", "publisher platform", "platform position", "impression device", "device platform",
    "platzierung", "interest", "hour", "hour of day", "placement type", "business country",
)  # fmt: skip

# When a connector wrote the row, best first.
LANDED: Final = (
    "_fivetran_synced", "_airbyte_extracted_at", "_airbyte_emitted_at", "_airbyte_normalized_at", "_dlt_load_time",
    "_dlt_loaded_at", "_sdc_batched_at", "_sdc_received_at", "_loaded_at", "_ingested_at", "_data_date_loaded",
)  # fmt: skip

# Where a connector marks rows that the platform deleted.
DELETED: Final = frozenset({"fivetrandeleted", "sdcdeleted", "abcdcdeleted"})
