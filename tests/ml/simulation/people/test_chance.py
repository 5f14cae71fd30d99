import numpy as np

from ml.simulation.people.chance import bell, identifiers, of_the_day, person_keys, salted, uniform

PEOPLE = np.arange(200_000, dtype=np.uint32)


def test_a_number_hangs_on_nobody_else():
    everybody = person_keys(7, PEOPLE)
    some = person_keys(7, PEOPLE[1_000:1_010])
    assert np.array_equal(uniform(everybody, 3, 9)[1_000:1_010], uniform(some, 3, 9))


def test_numbers_are_even_and_strictly_between_0_and_1():
    numbers = uniform(person_keys(7, PEOPLE), 3, 9)
    assert numbers.min() > 0.0
    assert numbers.max() < 1.0
    counts = np.histogram(numbers, bins=100, range=(0, 1))[0]
    assert ((counts - 2_000) ** 2 / 2_000).sum() < 160  # chi squared, 99 degrees of freedom: 160 is one in 10,000


def test_the_largest_number_stays_below_1():
    assert np.float32((2**23 - 1 + 0.5) * 2.0**-23) < 1.0


def test_days_purposes_salts_and_seeds_have_nothing_to_do_with_each_other():
    key = person_keys(7, PEOPLE)
    streams = [uniform(key, day, purpose) for day in range(6) for purpose in range(4)]
    streams += [uniform(salted(key, np.full(len(key), salt)), 3, 9) for salt in range(4)]
    streams.append(uniform(person_keys(8, PEOPLE), 3, 9))
    correlation = np.corrcoef(streams) - np.eye(len(streams))
    assert np.abs(correlation).max() < 5 / np.sqrt(len(PEOPLE))


def test_no_two_people_share_a_key():
    assert len(np.unique(person_keys(7, PEOPLE))) == len(PEOPLE)


def test_an_identifier_names_one_thing():
    made = [
        identifiers(7, kind, PEOPLE[:20_000], day, slot) for kind in (1, 2) for day in (0, 1, 60_000) for slot in (0, 5)
    ]
    assert len(np.unique(np.concatenate(made))) == 12 * 20_000


def test_bell_has_mean_0_and_deviation_1():
    numbers = bell(uniform(person_keys(7, PEOPLE), 3, 9))
    assert abs(float(numbers.mean())) < 0.01
    assert abs(float(numbers.std()) - 1.0) < 0.01


def test_the_days_own_numbers_hang_on_day_and_purpose():
    drawn = {of_the_day(7, day, purpose).random() for day in range(5) for purpose in range(5)}
    assert len(drawn) == 25
    assert of_the_day(7, 2, 3).random() in drawn
