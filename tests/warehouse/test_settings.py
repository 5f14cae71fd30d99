from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from warehouse.errors import BadSetting
from warehouse.settings import Settings, all_settings, signing_key

REPOSITORY = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `(CAUSEWAY_\w+)` \| (.+) \| (.+) \|$", re.MULTILINE)


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert (settings.host, settings.port, settings.reporting_currency) == ("127.0.0.1", 8050, "USD")
    assert settings.database_url is None
    assert settings.home.is_absolute()


def test_an_empty_value_counts_as_not_set() -> None:
    assert Settings.from_environment({"CAUSEWAY_PORT": "", "CAUSEWAY_SQL_PORT": " "}) == Settings()


def test_every_setting_is_read_from_its_name(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {
            "CAUSEWAY_HOME": str(tmp_path),
            "CAUSEWAY_DATABASE_URL": "postgres://db/shop",
            "CAUSEWAY_SQL_PORT": "6543",
            "CAUSEWAY_REPORTING_CURRENCY": "eur",
            "CAUSEWAY_HOST": "0.0.0.0",
            "CAUSEWAY_PORT": "80",
            "CAUSEWAY_PUBLIC_URL": "https://causeway.example.com/",
            "CAUSEWAY_ALLOWED_HOSTS": "One.example.com, two.example.com,",
            "CAUSEWAY_SECRET_KEY": "k" * 32,
            "CAUSEWAY_LOG_LEVEL": "debug",
            "CAUSEWAY_LOG_FORMAT": "JSON",
            "CAUSEWAY_S3_ENDPOINT_URL": "http://127.0.0.1:9000",
            "CAUSEWAY_POOL_SIZE": "9",
            "CAUSEWAY_COLLECT_ORIGINS": "https://Shop.example.com,https://www.example.com",
            "CAUSEWAY_COLLECT_QUEUE": "500",
            "CAUSEWAY_STATEMENT_TIMEOUT": "5",
        }
    )
    assert settings == Settings(
        home=tmp_path,
        database_url="postgres://db/shop",
        sql_port=6543,
        reporting_currency="EUR",
        host="0.0.0.0",
        port=80,
        public_url="https://causeway.example.com",
        allowed_hosts=("one.example.com", "two.example.com"),
        secret_key="k" * 32,
        log_level="DEBUG",
        log_format="json",
        s3_endpoint_url="http://127.0.0.1:9000",
        pool_size=9,
        collect_origins=("https://shop.example.com", "https://www.example.com"),
        collect_queue=500,
        statement_timeout=5,
    )


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CAUSEWAY_PORT", "http", "a whole number from 1 to 65535"),
        ("CAUSEWAY_PORT", "0", "a whole number from 1 to 65535"),
        ("CAUSEWAY_SQL_PORT", "65536", "a whole number from 1 to 65535"),
        ("CAUSEWAY_REPORTING_CURRENCY", "euros", "three letters"),
        ("CAUSEWAY_LOG_LEVEL", "loud", "one of DEBUG, INFO, WARNING, ERROR"),
        ("CAUSEWAY_LOG_FORMAT", "xml", "one of text, json"),
        ("CAUSEWAY_S3_ENDPOINT_URL", "127.0.0.1:9000", "http://"),
        ("CAUSEWAY_PUBLIC_URL", "https://", "http://"),
        ("CAUSEWAY_POOL_SIZE", "-1", "a whole number"),
    ],
)
def test_a_bad_value_is_refused_with_the_variable_and_what_to_do(name: str, value: str, words: str) -> None:
    with pytest.raises(BadSetting) as caught:
        Settings.from_environment({name: value})
    assert caught.value.message.startswith(f"{name} is {value!r}; it must be ")
    assert words in caught.value.message
    assert "Change or unset it" in caught.value.remedy


def test_secrets_come_from_files_too(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://me:hunter2@db/shop\n")
    settings = Settings.from_environment({"CAUSEWAY_DATABASE_URL_FILE": str(tmp_path / "url")})
    assert settings.database_url == "postgresql://me:hunter2@db/shop"


def test_a_secret_given_twice_or_in_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="Both CAUSEWAY_SECRET_KEY and CAUSEWAY_SECRET_KEY_FILE"):
        Settings.from_environment({"CAUSEWAY_SECRET_KEY": "k" * 32, "CAUSEWAY_SECRET_KEY_FILE": "/x"})
    with pytest.raises(BadSetting, match="CAUSEWAY_SECRET_KEY_FILE is .* cannot be read: No such file"):
        Settings.from_environment({"CAUSEWAY_SECRET_KEY_FILE": str(tmp_path / "nothing")})


def test_no_secret_is_shown() -> None:
    settings = Settings(database_url="postgresql://me:hunter2@db/shop", secret_key="hunter2" * 8)
    assert "hunter2" not in repr(settings)
    with pytest.raises(BadSetting) as caught:
        Settings.from_environment({"CAUSEWAY_SECRET_KEY": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_the_signing_key_is_made_once_and_private(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "new" / "home")
    key = signing_key(settings)
    assert len(key) >= 32
    assert signing_key(settings) == key
    assert stat.S_IMODE((settings.home / "secret-key").stat().st_mode) == 0o600
    assert [path.name for path in settings.home.iterdir()] == ["secret-key"]
    assert signing_key(Settings(home=tmp_path / "other")) != key
    assert signing_key(Settings(home=tmp_path, secret_key="s" * 40)) == "s" * 40


def test_a_home_that_cannot_hold_the_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSetting, match="secret-key cannot be used"):
        signing_key(Settings(home=tmp_path / "file"))


def test_the_documentation_lists_every_setting_as_the_program_knows_it() -> None:
    rows = ROW.findall((REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8"))
    assert rows == [
        (s.name, s.words + (" Secret: also as a file." if s.secret else ""), s.default) for s in all_settings()
    ]


def test_the_example_environment_offers_every_setting() -> None:
    text = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
    offered = re.findall(r"^#? ?(CAUSEWAY_\w+)=", text, re.MULTILINE)
    assert offered == [s.name for s in all_settings()]
    assert Settings.from_environment(dict(re.findall(r"^(CAUSEWAY_\w+)=(.*)$", text, re.MULTILINE)))
