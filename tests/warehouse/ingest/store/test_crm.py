"""Contacts, leads, deals and their stages as HubSpot and Salesforce give them, and the conversions that follow."""

import json

import pytest
from sqlalchemy import text

from tests.warehouse.exports import table
from tests.warehouse.state import seen

CONTACTS = "Record ID,Email,First Name,Lead Status,Create Date,Last Modified Date,Lifecycle Stage,Original Source"
DEALS = (
    "hs_object_id,dealname,dealstage,pipeline,amount,deal_currency_code,createdate,closedate,hs_lastmodifieddate,"
    "hs_is_closed_won,associated contact ids,hs_v2_date_entered_appointment,hs_v2_date_entered_won"
)
LEADS = (
    "Id,LastName,Company,Email,Status,LeadSource,IsConverted,ConvertedContactId,CreatedDate,SystemModstamp,IsDeleted"
)
OPPORTUNITIES = (
    "Id,AccountId,Name,StageName,Amount,CurrencyIsoCode,IsWon,IsClosed,CloseDate,CreatedDate,SystemModstamp,ContactId,"
    "IsDeleted"
)


def contact(number=101, email="ada@example.org", stage="Lead", modified="2026-06-02 09:00"):
    return [number, email, "Ada", "NEW", "2026-06-01 09:00", modified, stage, "PAID_SEARCH"]


def deal(**said):
    usual = {
        "hs_object_id": 201, "dealname": "Ada's mug", "dealstage": "won", "pipeline": "default", "amount": "500.00",
        "deal_currency_code": "EUR", "createdate": "2026-06-01T09:00:00Z", "closedate": "2026-06-20T09:00:00Z",
        "hs_lastmodifieddate": "2026-06-20T09:00:00Z", "hs_is_closed_won": "true", "associated contact ids": "101;102",
        "hs_v2_date_entered_appointment": "1780308000000", "hs_v2_date_entered_won": "1781859600000",
    }  # fmt: skip
    return [(usual | said).get(column) for column in DEALS.split(",")]


def opportunity(**said):
    usual = {
        "Id": "006000000000001AAA", "AccountId": "001", "Name": "Big", "StageName": "Closed Won", "Amount": "900.00",
        "CurrencyIsoCode": "USD", "IsWon": "true", "IsClosed": "true", "CloseDate": "2026-06-05",
        "CreatedDate": "2026-06-01T09:00:00.000+0000", "SystemModstamp": "2026-06-05T10:00:00.000+0000",
        "ContactId": "003000000000001AAA", "IsDeleted": "false",
    }  # fmt: skip
    return [(usual | said).get(column) for column in OPPORTUNITIES.split(",")]


def conversions(desk):
    return seen(
        desk.warehouse,
        "SELECT kind::text, source_id, at::text, value, currency, counts FROM core.conversion ORDER BY 1, 2",
    )


def customers(desk, name="core.contact"):
    return seen(desk.warehouse, f"SELECT count(DISTINCT customer_key) FROM {name}")[0][0]


def test_contacts_of_hubspot_who_are_leads_are_conversions(desk):
    result = desk.load(table(CONTACTS, [contact(), contact(102, "eve@example.org", "Subscriber")]), "contacts.csv")
    assert (result.source, result.accepted, result.account) == ("hubspot.contacts", 2, "hubspot")
    found = seen(desk.warehouse, "SELECT contact_id, kind, stage, source, lead_at::text FROM mart.contact ORDER BY 1")
    assert found == [
        ("101", "contact", "Lead", "PAID_SEARCH", "2026-06-01 09:00:00+00"),
        ("102", "contact", "Subscriber", "PAID_SEARCH", None),
    ]
    assert conversions(desk) == [("lead", "101", "2026-06-01 09:00:00+00", None, "USD", True)]


def test_a_contact_of_the_api_says_everything_as_text(desk):
    record = {
        "id": "101", "archived": False, "createdAt": "2026-06-01T09:00:00Z", "updatedAt": "2026-06-03T09:00:00Z",
        "properties": {"hs_object_id": "101", "email": "ada@example.org", "createdate": "1780304400000",
                       "lastmodifieddate": "2026-06-03T09:00:00Z", "lifecyclestage": "customer", "hs_lead_status": "",
                       "hs_v2_date_entered_lead": "1780308000000", "hs_google_click_id": "Cj0KCQ"},
    }  # fmt: skip
    result = desk.load(json.dumps({"results": [record], "paging": {}}), "contacts.json")
    assert (result.source, result.accepted) == ("hubspot.contacts", 1)
    found = seen(desk.warehouse, "SELECT created_at::text, lead_at::text, click_key IS NOT NULL FROM core.contact")
    assert found == [("2026-06-01 09:00:00+00", "2026-06-01 10:00:00+00", True)]


def test_an_older_version_of_a_contact_does_not_overwrite_a_newer_one(desk):
    desk.load(table(CONTACTS, [contact(stage="Opportunity", modified="2026-06-09 09:00")]), "contacts.csv")
    result = desk.load(table(CONTACTS, [contact()]), "contacts.csv")
    assert (result.status, result.skipped_by_reason) == ("unchanged", {"older version": 1})
    assert seen(desk.warehouse, "SELECT stage FROM mart.contact") == [("Opportunity",)]
    result = desk.load(table(CONTACTS, [contact(stage="Customer", modified="2026-06-10 09:00")]), "contacts.csv")
    assert (result.accepted, result.restated) == (1, 1)


def test_merged_contacts_are_one_person_and_one_lead(desk):
    desk.load(table(CONTACTS, [contact(), contact(102, "ada@work.example")]), "contacts.csv")
    assert customers(desk) == 2
    merged = f"{CONTACTS},hs_merged_object_ids"
    result = desk.load(table(merged, [[*contact(modified="2026-06-05 09:00"), "102;103"]]), "contacts.csv")
    assert result.restated == 0
    assert customers(desk) == 1
    found = seen(desk.warehouse, "SELECT contact_id, merged_into, is_deleted FROM mart.contact ORDER BY 1")
    assert found == [("101", None, False), ("102", "101", True), ("103", "101", True)]
    assert [(c[1], c[5]) for c in conversions(desk)] == [("101", True), ("102", False)]
    # An older export that still has it does not revive it.
    desk.load(table(CONTACTS, [contact(102, "ada@work.example", modified="2026-06-01 10:00")]), "old.csv",
              source="hubspot")  # fmt: skip
    assert [(c[1], c[5]) for c in conversions(desk)] == [("101", True), ("102", False)]


def test_a_deal_is_won_when_it_entered_its_stage(desk):
    desk.load(table(CONTACTS, [contact()]), "contacts.csv")
    result = desk.load(table(DEALS, [deal()]), "deals.csv")
    assert (result.source, result.accepted) == ("hubspot.deals", 1)
    assert conversions(desk)[0] == ("deal", "201", "2026-06-19 09:00:00+00", 500, "EUR", True)
    stages = seen(desk.warehouse, "SELECT stage, entered_at::text, left_at::text FROM mart.deal_stage ORDER BY 2")
    assert stages == [
        ("appointment", "2026-06-01 10:00:00+00", "2026-06-19 09:00:00+00"),
        ("won", "2026-06-19 09:00:00+00", None),
    ]
    # The deal is the contact's: one person.
    both = "SELECT customer_key FROM core.contact UNION SELECT customer_key FROM core.deal"
    assert len(seen(desk.warehouse, both)) == 1


def test_a_deal_that_is_no_longer_won_does_not_count(desk):
    desk.load(table(DEALS, [deal()]), "deals.csv")
    lost = {"dealstage": "closedlost", "hs_is_closed_won": "false", "hs_lastmodifieddate": "2026-06-25T09:00:00Z"}
    result = desk.load(table(DEALS, [deal(**lost)]), "deals.csv")
    assert result.restated == 1
    assert conversions(desk) == [("deal", "201", "2026-06-19 09:00:00+00", 500, "EUR", False)]
    assert seen(desk.warehouse, "SELECT is_won, won_at, is_closed FROM mart.deal") == [(False, None, True)]
    desk.load(table(DEALS, [deal(hs_lastmodifieddate="2026-06-26T09:00:00Z", amount="700.00")]), "deals.csv")
    assert conversions(desk) == [("deal", "201", "2026-06-19 09:00:00+00", 700, "EUR", True)]


def test_a_deal_that_closes_in_the_future_is_won_when_it_was_last_changed(desk):
    header = "hs_object_id,dealstage,amount,createdate,closedate,hs_lastmodifieddate"
    row = [201, "closedwon", "500", "2026-06-01T09:00:00Z", "2031-01-01T00:00:00Z", "2026-06-02T09:00:00Z"]
    desk.load(table(header, [row]), "deals.csv")
    assert conversions(desk)[0][2] == "2026-06-02 09:00:00+00"


def test_stages_that_are_numbers_do_not_tell_whether_they_are_won(desk):
    header = "hs_object_id,dealstage,amount,createdate,hs_lastmodifieddate,outcome"
    row = [201, "123456", "500", "2026-06-01T09:00:00Z", "2026-06-02T09:00:00Z", "yes"]
    first = desk.load(table(header, [row]), "deals.csv")
    assert [f.code for f in first.findings if f.code == "stage_untold"] == ["stage_untold"]
    assert conversions(desk) == []
    desk.load(table(header, [row]), "deals.csv", mapping={"outcome": "is_won"})
    assert [(c[0], c[5]) for c in conversions(desk)] == [("deal", True)]


def test_an_account_says_once_which_of_its_stages_are_won_and_lost(desk):
    header = "hs_object_id,dealstage,amount,createdate,hs_lastmodifieddate"
    stages = [(201, "17"), (202, "18"), (203, "19"), (204, "20"), (205, None)]
    rows = [[deal, s, "500", "2026-06-01T09:00:00Z", "2026-06-02T09:00:00Z"] for deal, s in stages]
    sentence = desk.load(table(header, rows), "deals.csv").findings[-1].message
    assert '"17", "18", "19", "20"' in sentence
    assert "--map COLUMN=won:ID,ID,lost:ID" in sentence
    first = desk.load(table(header, rows), "deals.csv", mapping={"dealstage": "won:17, 18,lost:19"})
    assert "stage_untold" not in [f.code for f in first.findings]
    outcomes = "SELECT deal_id, is_won, is_closed FROM mart.deal ORDER BY 1"
    said = [("201", True, True), ("202", True, True), ("203", False, True), ("204", False, False)]
    assert seen(desk.warehouse, outcomes)[:4] == said
    assert [(c[1], c[5]) for c in conversions(desk)] == [("201", True), ("202", True)]
    later = desk.load(table(header, [[206, "18", "70", "2026-06-03T09:00:00Z", "2026-06-03T09:00:00Z"]]), "more.csv")
    assert [a.value for a in later.assumptions if a.field == 'column "dealstage"'] == ["won:17, 18,lost:19"]
    assert [(c[1], c[5]) for c in conversions(desk)][-1] == ("206", True)


def test_what_is_said_of_a_stage_wins_over_the_record(desk):
    said = {"dealstage": "lost:17"}
    desk.load(table(DEALS, [deal(dealstage="17", hs_is_closed_won="true")]), "deals.csv", mapping=said)
    assert seen(desk.warehouse, "SELECT is_won, is_closed FROM mart.deal") == [(False, True)]
    assert conversions(desk) == []


def test_stages_inside_of_an_answer_of_the_api(desk):
    properties = {"dealstage": "17", "amount": "70", "createdate": "2026-06-01T09:00:00Z"}
    record = {"id": "301", "archived": False, "updatedAt": "2026-06-02T09:00:00Z", "properties": properties}
    desk.load(json.dumps({"results": [record]}), "deals.json", mapping={"dealstage": "won:17"})
    assert [(c[1], c[5]) for c in conversions(desk)] == [("301", True)]


def test_a_deal_in_a_currency_that_does_not_exist_is_rejected(desk):
    result = desk.load(table(DEALS, [deal(deal_currency_code="EURO"), deal(hs_object_id=202)]), "deals.csv")
    assert (result.accepted, result.rejected) == (1, 1)


def test_deals_in_several_currencies_keep_theirs(desk):
    desk.load(table(DEALS, [deal(), deal(hs_object_id=202, deal_currency_code="USD")]), "deals.csv")
    assert seen(desk.warehouse, "SELECT currency FROM mart.deal ORDER BY deal_id") == [("EUR",), ("USD",)]


def test_deleted_deals_do_not_count(desk):
    desk.load(table(f"{DEALS},archived", [[*deal(), "true"]]), "deals.csv")
    assert conversions(desk) == []
    desk.load(table(f"{DEALS},archived", [[*deal(hs_object_id=202), "false"]]), "deals.csv")
    desk.load(table(f"{DEALS},archived", [[*deal(hs_object_id=202), "true"]]), "deals.csv")
    assert [(c[1], c[5]) for c in conversions(desk)] == [("202", False)]


def lead(**said):
    usual = {
        "Id": "00Q000000000001AAA", "LastName": "Lovelace", "Company": "Mugs", "Email": "ada@example.org",
        "Status": "Open", "LeadSource": "Web", "IsConverted": "false", "CreatedDate": "2026-06-01T09:00:00.000+0000",
        "SystemModstamp": "2026-06-01T09:00:00.000+0000", "IsDeleted": "false",
    }  # fmt: skip
    return [(usual | said).get(column) for column in LEADS.split(",")]


def test_a_lead_of_salesforce_and_the_contact_that_it_became(desk):
    desk.load(table(LEADS, [lead()]), "leads.csv")
    converted = {"IsConverted": "true", "ConvertedContactId": "003000000000001AAA",
                 "SystemModstamp": "2026-06-03T09:00:00.000+0000", "Status": "Converted"}  # fmt: skip
    result = desk.load(table(LEADS, [lead(**converted)]), "leads.csv")
    assert (result.source, result.restated) == ("salesforce.leads", 1)
    desk.load(table(OPPORTUNITIES, [opportunity()]), "opportunities.csv")
    assert [(c[0], c[1], c[3], c[4], c[5]) for c in conversions(desk)] == [
        ("deal", "006000000000001", 900, "USD", True),
        ("lead", "00Q000000000001", None, "USD", True),
    ]
    # The opportunity names the contact, the contact was the lead: one person.
    assert seen(desk.warehouse, "SELECT count(DISTINCT customer_key), count(*) FROM core.conversion") == [(1, 2)]


def test_a_deleted_lead_does_not_count(desk):
    desk.load(table(LEADS, [lead()]), "leads.csv")
    desk.load(table(LEADS, [lead(IsDeleted="true", SystemModstamp="2026-06-03T09:00:00.000+0000")]), "leads.csv")
    assert [(c[0], c[5]) for c in conversions(desk)] == [("lead", False)]


@pytest.mark.parametrize("first", ["opportunities", "history"])
def test_the_history_of_stages_says_when_it_was_won_whichever_comes_first(desk, first):
    history = table(
        "Id,OpportunityId,Field,OldValue,NewValue,CreatedDate",
        [
            [1, "006000000000001AAA", "StageName", "", "Prospecting", "2026-06-01T09:00:00.000+0000"],
            [2, "006000000000001AAA", "Amount", "1", "900", "2026-06-02T09:00:00.000+0000"],
            [3, "006000000000001AAA", "StageName", "Prospecting", "Closed Won", "2026-06-04T15:00:00.000+0000"],
        ],
    )
    files = {"opportunities": table(OPPORTUNITIES, [opportunity()]), "history": history}
    for name in (first, *(files.keys() - {first})):
        result = desk.load(files[name], f"{name}.csv")
        if name == "history":
            assert (result.source, result.accepted) == ("salesforce.opportunity_field_history", 2)
            assert result.skipped_by_reason == {"change of another field": 1}
    assert conversions(desk)[0][2] == "2026-06-04 15:00:00+00"


def test_campaign_members(desk):
    header = "Id,CampaignId,LeadId,ContactId,Status,HasResponded,FirstRespondedDate,CreatedDate,SystemModstamp,Email"
    row = ["00v1", "701000000000001AAA", "00Q000000000001AAA", "", "Sent", "false", "", "2026-06-01T09:00:00Z"]
    desk.load(table(header, [[*row, "2026-06-01T09:00:00Z", "ada@example.org"]]), "members.csv")
    answered = [*row[:4], "Responded", "true", "2026-06-03", row[7], "2026-06-03T09:00:00Z", "ada@example.org"]
    result = desk.load(table(header, [answered]), "members.csv")
    assert (result.source, result.restated) == ("salesforce.campaign_members", 1)
    found = seen(desk.warehouse, "SELECT campaign_id, contact_id, status, responded_at::text FROM core.campaign_member")
    assert found == [("701000000000001", "00Q000000000001", "Responded", "2026-06-03 00:00:00+00")]


def test_nothing_of_a_person_is_kept(desk):
    desk.load(table(CONTACTS, [contact(), contact(103, modified="whenever")]), "contacts.csv")
    desk.load(table(LEADS, [lead(), lead(Id="2", CreatedDate="whenever")]), "leads.csv")
    desk.load(table(DEALS, [deal(), deal(amount="a lot")]), "deals.csv")
    with desk.warehouse.writing() as session:
        tables = session.execute(
            text("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('core', 'landing')")
        ).scalars()
        for name in list(tables):
            found = session.execute(text(f"SELECT count(*) FROM {name} t WHERE t::text ~ 'Ada|Lovelace|@example'"))
            assert found.scalar_one() == 0, name


OFFLINE = "Google Click ID,Conversion Name,Conversion Time,Conversion Value,Conversion Currency"


def test_offline_conversions_in_the_zone_of_the_template(desk):
    template = f"Parameters:TimeZone=America/New_York,,,,\n{OFFLINE}\n"
    rows = "Cj0KCQ,Contract,06/01/2026 09:00:00,500.00,EUR\nCj0KCX,Contract,2026-06-01 09:00:00+0200,,\n"
    result = desk.load(template + rows, "offline.csv")
    assert (result.source, result.accepted, result.account) == ("offline.conversions", 2, "offline")
    found = seen(
        desk.warehouse,
        """SELECT kind::text, at::text, value, currency, counts, customer_key IS NOT NULL FROM core.conversion
           ORDER BY at""",
    )
    assert found == [
        ("offline", "2026-06-01 07:00:00+00", None, "USD", True, True),
        ("offline", "2026-06-01 13:00:00+00", 500, "EUR", True, True),
    ]
    again = desk.load(template + rows.replace("500.00", "600.00"), "offline.csv")
    assert (again.accepted, again.restated, again.skipped_by_reason) == (1, 1, {"already known": 1})


def test_an_offline_conversion_of_nobody_is_rejected(desk):
    result = desk.load(f"{OFFLINE}\n,Contract,2026-06-01 09:00:00+0200,1,EUR\nx,C,2026-06-01 09:00:00+0200,1,EUR\n")
    assert (result.accepted, result.rejected) == (1, 1)
