"""Creatives: every shape, the picture beside the file, the ads that run them, and what becomes of a second file."""

import json

import pytest

from tests.warehouse.exports import table
from tests.warehouse.state import dump, rows, seen
from tests.warehouse.test_images import picture
from warehouse.images import ImageStore

TEXTS = "format,headline,body,call_to_action,image,landing_page,tags"
HEADER = f"platform,account_id,creative_id,ad_ids,{TEXTS},duration_seconds"
TABLES = ("core.creative", "core.ad_creative", "core.image")


def creative(number, **said):
    cells = {
        "platform": "meta_ads", "account_id": "9", "creative_id": f"c{number}", "ad_ids": f"a{number}",
        "format": "image", "headline": f"Headline {number}", "body": "Good shoes", "call_to_action": "SHOP_NOW",
        "image": "", "landing_page": "https://shop.example/", "tags": "summer|shoes", "duration_seconds": "",
    }  # fmt: skip
    return list((cells | said).values())


@pytest.fixture
def files(desk, tmp_path):
    """A folder with pictures, into which exports are written and loaded."""
    folder = tmp_path / "creatives"
    (folder / "images").mkdir(parents=True)
    (folder / "images" / "red.png").write_bytes(picture("PNG"))
    (folder / "images" / "blue.jpg").write_bytes(picture("JPEG", (20, 10)))
    (folder / "images" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    (folder / "notes.txt").write_text("no picture")
    (tmp_path / "secret.png").write_bytes(picture("PNG", (3, 3)))

    def load(content, name="creatives.csv"):
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return desk.load_path(str(folder / name))[0]

    return load


def stored(warehouse, columns="creative_id, headline, image_digest IS NOT NULL"):
    return rows(warehouse, f"SELECT {columns} FROM core.creative ORDER BY creative_id")


def test_a_creative_has_its_texts_its_picture_and_its_ads(files, desk):
    result = files(
        table(HEADER, [creative(1, image="images/red.png", ad_ids="11|12"), creative(2, image="images/blue.jpg")])
    )
    assert (result.status, result.accepted, result.rejected, result.findings) == ("loaded", 2, 0, [])
    (row,) = seen(desk.warehouse, "SELECT to_jsonb(c) FROM core.creative c WHERE creative_id = 'c1'")[0]
    said = ("format", "headline", "body", "call_to_action", "landing_page", "width", "height", "tags")
    assert {name: row[name] for name in said} == {
        "format": "image", "headline": "Headline 1", "body": "Good shoes", "call_to_action": "SHOP_NOW",
        "landing_page": "https://shop.example/", "width": 8, "height": 6, "tags": ["summer", "shoes"],
    }  # fmt: skip
    links = rows(
        desk.warehouse,
        "SELECT ad_id, creative_id FROM core.ad_creative JOIN core.creative USING (creative_key) ORDER BY 1",
    )
    assert links == [("11", "c1"), ("12", "c1"), ("a2", "c2")]
    kept = ImageStore.of(desk.warehouse.settings)
    assert kept.find(row["image_digest"]).read_bytes() == picture("PNG")


def test_loading_again_changes_nothing(files, desk):
    content = table(HEADER, [creative(n, image="images/red.png") for n in (1, 2)])
    files(content)
    before = dump(desk.warehouse, *TABLES)
    again = files(content)
    assert (again.status, again.accepted, again.skipped_by_reason) == ("unchanged", 0, {"already known": 2})
    assert dump(desk.warehouse, *TABLES) == before


def test_what_changed_is_restated_and_what_is_not_said_stays(files, desk):
    files(table(HEADER, [creative(1, image="images/red.png"), creative(2)]))
    result = files(
        table("platform,account_id,creative_id,headline,tags", [["meta_ads", "9", "c1", "New words", ""]]), "b.csv"
    )
    assert (result.accepted, result.restated) == (1, 1)
    assert stored(desk.warehouse, "creative_id, headline, body, image_digest IS NOT NULL, tags") == [
        ("c1", "New words", "Good shoes", True, ["summer", "shoes"]),
        ("c2", "Headline 2", "Good shoes", False, ["summer", "shoes"]),
    ]


def test_an_ad_goes_over_to_the_creative_that_it_shows_now(files, desk):
    files(table(HEADER, [creative(1, ad_ids="7")]))
    result = files(table(HEADER, [creative(2, ad_ids="7")]), "b.csv")
    assert (result.accepted, result.restated) == (1, 0)
    link = "SELECT c.creative_id FROM core.ad_creative a JOIN core.creative c USING (creative_key) WHERE ad_id = '7'"
    assert rows(desk.warehouse, link) == [("c2",)]
    back = files(table("platform,account_id,creative_id,ad_ids,headline", [["meta_ads", "9", "c1", "7", ""]]), "c.csv")
    assert (back.accepted, back.restated) == (1, 1)
    assert rows(desk.warehouse, link) == [("c1",)]


def test_one_row_per_ad_is_one_creative(files, desk):
    result = files(table(HEADER, [creative(1, ad_ids="7"), creative(1, ad_ids="8", headline="")]))
    assert (result.accepted, result.skipped_by_reason) == (1, {"further row of a creative": 1})
    assert stored(desk.warehouse, "creative_id, headline") == [("c1", "Headline 1")]
    assert rows(desk.warehouse, "SELECT ad_id FROM core.ad_creative ORDER BY 1") == [("7",), ("8",)]


def test_an_ad_of_two_creatives_is_said(files):
    result = files(table(HEADER, [creative(1, ad_ids="7"), creative(2, ad_ids="7")]))
    assert [f.code for f in result.findings] == ["ad_of_several_creatives"]


def test_a_picture_that_comes_later_is_taken_with_the_same_file(files, desk, tmp_path):
    content = table(HEADER, [creative(1, image="images/late.png")])
    assert [f.code for f in files(content).findings] == ["picture_missing"]
    assert stored(desk.warehouse) == [("c1", "Headline 1", False)]
    (tmp_path / "creatives" / "images" / "late.png").write_bytes(picture())
    again = files(content)
    assert (again.accepted, again.restated, again.findings) == (1, 1, [])
    assert stored(desk.warehouse) == [("c1", "Headline 1", True)]


def test_another_picture_replaces_the_old_one_even_when_it_is_missing(files, desk):
    files(table(HEADER, [creative(1, image="images/red.png")]))
    files(table(HEADER, [creative(1, image="images/gone.png")]), "b.csv")
    assert stored(desk.warehouse) == [("c1", "Headline 1", False)]


@pytest.mark.parametrize(
    "reference", ["../secret.png", "/etc/passwd", "images/../../secret.png", "notes.txt", "images"]
)
def test_nothing_outside_of_the_folder_and_nothing_but_pictures_is_read(files, desk, reference, tmp_path):
    place = reference if reference != "/etc/passwd" else str(tmp_path / "secret.png")
    result = files(table(HEADER, [creative(1, image=place)]))
    assert result.accepted == 1
    assert [f.code for f in result.findings] in (["picture_missing"], ["picture_refused"])
    assert rows(desk.warehouse, "SELECT count(*) FROM core.image") == [(0,)]


def test_a_link_out_of_the_folder_is_not_followed(files, desk, tmp_path):
    (tmp_path / "creatives" / "link.png").symlink_to(tmp_path / "secret.png")
    assert [f.code for f in files(table(HEADER, [creative(1, image="link.png")])).findings] == ["picture_missing"]


def test_a_broken_picture_is_said_and_the_creative_taken(files):
    result = files(table(HEADER, [creative(1, image="images/broken.png")]))
    assert (result.accepted, [f.code for f in result.findings]) == (1, ["picture_refused"])
    assert "images/broken.png" in result.findings[0].message


def test_addresses_are_kept_and_not_fetched(files, desk):
    result = files(table(HEADER, [creative(1, image="https://cdn.example/a.png")]))
    assert result.findings == []
    assert stored(desk.warehouse, "image_reference, image_digest") == [("https://cdn.example/a.png", None)]


def test_further_columns_are_kept(files, desk):
    files(table(HEADER + ",has_face,season", [[*creative(1), "true", "summer"], [*creative(2), "", "winter"]]))
    assert stored(desk.warehouse, "metadata") == [({"has_face": "true", "season": "summer"},), ({"season": "winter"},)]


def test_a_dry_run_keeps_no_picture(desk, tmp_path):
    from warehouse.ingest.load import LoadOptions

    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "red.png").write_bytes(picture())
    (tmp_path / "x" / "creatives.csv").write_text(table(HEADER, [creative(1, image="red.png")]))
    (result,) = desk.load_path(str(tmp_path / "x" / "creatives.csv"), LoadOptions(dry_run=True))
    assert (result.accepted, result.findings) == (1, [])
    assert not (desk.warehouse.settings.home / "images").exists()


def test_platforms_may_stand_in_a_column(files, desk):
    result = files(
        table(
            HEADER, [creative(1), creative(2, platform="Google Ads", account_id="8"), creative(3, platform="Zeppelin")]
        )
    )
    assert (result.accepted, result.rejected) == (2, 1)
    platforms = (
        "SELECT a.platform, c.creative_id FROM core.creative c JOIN core.account a USING (account_key) ORDER BY 1"
    )
    assert rows(desk.warehouse, platforms) == [("google_ads", "c2"), ("meta_ads", "c1")]
    assert rows(desk.warehouse, 'SELECT code, "column" FROM landing.rejected_row') == [("unknown_platform", "platform")]


def test_without_a_platform_the_file_is_refused_with_what_to_say(desk):
    result = desk.load("creative_id,headline\n1,Hello\n", "texts.csv")
    assert result.status == "refused"
    assert "--source" in result.reason


def test_a_row_without_an_id_is_rejected(files):
    result = files(table(HEADER, [creative(1), creative(2, creative_id="")]))
    assert (result.accepted, result.rejected + result.skipped) == (1, 1)


def test_meta_creatives_as_the_api_hands_them_out(desk):
    lines = [
        {"id": "6215762732071", "account_id": "act_9", "name": "v1", "title": "Buy", "body": "Now",
         "object_type": "SHARE", "call_to_action_type": "SHOP_NOW", "thumbnail_url": "https://x.example/t.png",
         "object_story_spec": {"link_data": {"link": "https://shop.example/"}}},
        {"id": "6215762732072", "account_id": "act_9", "name": "v2", "object_type": "VIDEO",
         "object_story_spec": {"video_data": {"title": "Look", "message": "A film"}}, "image_url": "https://x.example/i.png",
         "thumbnail_url": "https://x.example/t.png",
         "asset_feed_spec": {"titles": [{"text": "One"}, {"text": "Two"}], "bodies": [{"text": "Long"}]}},
    ]  # fmt: skip
    result = desk.load("\n".join(json.dumps(line) for line in lines), "adcreatives.ndjson")
    assert (result.source, result.accepted) == ("meta_ads.creatives", 2)
    columns = (
        "creative_id, format, headline, body, call_to_action, image_reference, landing_page, jsonb_array_length(assets)"
    )
    assert stored(desk.warehouse, columns) == [
        ("6215762732071", "link", "Buy", "Now", "SHOP_NOW", "https://x.example/t.png", "https://shop.example/", 0),
        ("6215762732072", "video", "Look", "A film", None, "https://x.example/i.png", None, 3),
    ]


def test_google_responsive_ads_have_all_their_texts(desk):
    header = (
        "customer.id,ad_group_ad.ad.id,ad_group_ad.ad.type,ad_group_ad.ad.final_urls,"
        "ad_group_ad.ad.responsive_search_ad.headlines,ad_group_ad.ad.responsive_search_ad.descriptions"
    )
    row = (
        '123,77,RESPONSIVE_SEARCH_AD,"[""https://a.example/""]",'
        '"[{""text"": ""Shoes, cheap"", ""pinned_field"": ""HEADLINE_1""}, {""text"": ""Free returns""}]",'
        '"[{""text"": ""All""}]"'
    )
    result = desk.load(f"{header}\n{row}\n")
    assert (result.source, result.accepted) == ("google_ads.ads", 1)
    assert stored(desk.warehouse, "creative_id, format, headline, body, landing_page, assets") == [
        ("77", "text", "Shoes, cheap", "All", "https://a.example/", [
            {"kind": "headline", "text": "Shoes, cheap"}, {"kind": "headline", "text": "Free returns"},
            {"kind": "description", "text": "All"}]),
    ]  # fmt: skip
    assert rows(desk.warehouse, "SELECT ad_id FROM core.ad_creative") == [("77",)]


def test_fivetran_ad_texts_take_the_newest_version(desk):
    header = "ad_group_id,ad_id,updated_at,headlines,descriptions"
    content = f'{header}\n1,77,2026-01-02,"[""New""]","[""B""]"\n1,77,2026-01-01,"[""Old""]","[""A""]"\n'
    result = desk.load(content, "google_ads_responsive_search_ad_history.csv")
    assert (result.source, result.accepted, result.skipped) == ("google_ads.fivetran.ad_texts", 1, 1)
    assert stored(desk.warehouse, "headline, body") == [("New", "B")]


def test_metas_ad_history_says_what_each_ad_shows(desk):
    header = "id,account_id,ad_set_id,campaign_id,creative_id,name,updated_time"
    result = desk.load(table(header, [[7, 9, 5, 4, "c1", "Ad", "2026-01-01"]]), "facebook_ads_ad_history.csv")
    assert (result.source, result.accepted) == ("meta_ads.fivetran.ad_history", 1)
    desk.load(
        table("ad_id,date,account_id,impressions,inline_link_clicks,spend", [[7, "2026-06-01", 9, 10, 1, 2]]),
        "basic_ad.csv",
    )
    days = "SELECT creative_id, impressions, ads FROM mart.creative_daily"
    assert seen(desk.warehouse, days) == [("c1", 10, 1)]
    assert seen(desk.warehouse, "SELECT creative_id FROM mart.ad_daily") == [("c1",)]
    changed = desk.load(table(header, [[7, 9, 5, 4, "c2", "Ad", "2026-02-01"]]), "facebook_ads_ad_history.csv")
    assert changed.accepted == 1
    assert seen(desk.warehouse, days) == [("c2", 10, 1)]
    again = desk.load(table(header, [[7, 9, 5, 4, "c2", "Ad", "2026-02-01"]]) + "\n", "facebook_ads_ad_history.csv")
    assert (again.status, again.skipped_by_reason) == ("unchanged", {"already known": 1})
