"""Splink, a well-known open matcher, on the same files as ours.

Usage: matcher.py FOLDER MODE OUT.csv, where MODE is

- untrained: its default probabilities;
- em: u from random pairs, m by expectation-maximisation over three blockings;
- labels: u from random pairs, m from the truth, and a veto on pairs whose names conflict. No business has such labels.

It is set up as somebody would who knows it and the data: values cleaned as our columns need it (numbers to ten digits,
placeholders dropped, names taken apart, streets abbreviated), numbers and addresses on more than HUB records taken for
no reason to compare, term frequencies on, and of twelve thresholds the one that is best by the truth, which flatters it.
Prints what it came to as one line of JSON.
"""

import json
import logging
import re
import sys
import time
from collections import Counter

import pandas as pd
import splink.comparison_level_library as level
import splink.comparison_library as compare
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

# Records that may share a number before it is no reason to compare.
HUB = 60
THRESHOLDS = [0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.99, 0.995, 0.999, 0.9999, 0.99999]
PLACEHOLDERS = {"none", "noemail", "na", "no", "test", "x", "noreply", "donotemail", "email"}
TITLES = {"mr", "mrs", "ms", "dr"}
SUFFIXES = {"sr", "jr", "ii", "iii"}
KINDS = {
    "street": "st", "avenue": "ave", "road": "rd", "drive": "dr", "lane": "ln", "court": "ct", "place": "pl",
    "boulevard": "blvd", "circle": "cir", "terrace": "ter", "crescent": "cr", "circuit": "cct",
}  # fmt: skip


def phones(text):
    found = []
    for part in text.split("|"):
        digits = re.sub(r"\D", "", re.split(r"(?i)x|ext", part)[0])
        digits = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
        if len(digits) == 10 and digits[3:6] != "555" and len(set(digits)) > 1 and digits != "1234567890":
            found.append(digits)
    return found or None


def email(text):
    for part in (part.strip().lower() for part in text.split("|")):
        if "@" in part and part.split("@")[0] not in PLACEHOLDERS:
            return part
    return None


def words(text):
    return [word.strip(".,") for word in text.lower().split() if word.strip(".,") not in TITLES]


def name(row):
    """given name, family name, suffix"""
    given, family = words(row.first_name), words(row.last_name)
    full = re.sub(r"\(.*?\)", "", row.full_name)
    if not given and not family and full.strip():
        first, comma, rest = full.partition(",")
        if comma and not set(words(rest)) <= SUFFIXES:
            given, family = words(rest), words(first)
        else:
            all_words = words(full)
            ends = [word for word in all_words if word in SUFFIXES]
            all_words = [word for word in all_words if word not in SUFFIXES]
            given, family = all_words[:1], (all_words[1:][-1:] + ends)
    suffix = next((word for word in family if word in SUFFIXES), None)
    family = " ".join(word for word in family if word not in SUFFIXES)
    return (given[0] if given else None), family or None, suffix


def street(text):
    text = re.split(r"#|\bapt\b|\bunit\b|\bsuite\b", re.sub(r"[.,]", " ", text.lower()))[0]
    return " ".join(KINDS.get(word, word) for word in text.split()) or None


def cleaned(folder):
    data = pd.read_csv(f"{folder}/RECORDS.csv", dtype=str, keep_default_na=False)
    truth = pd.read_csv(f"{folder}/TRUTH.csv", dtype=str, keep_default_na=False)
    names = [name(row) for row in data.itertuples()]
    out = pd.DataFrame({"unique_id": data.record_id})
    for place, column in enumerate(["given", "family", "suffix"]):
        out[column] = [it[place] for it in names]
    lists = [phones(it) for it in data.phones]
    seen = Counter(number for numbers in lists if numbers for number in numbers)
    out["numbers"] = [([it for it in numbers if seen[it] <= HUB] or None) if numbers else None for numbers in lists]
    out["email"] = [email(it) for it in data.emails]
    crowded = out.email.value_counts()
    out.loc[out.email.isin(crowded[crowded > HUB].index), "email"] = None
    out["street"] = [street(it) for it in data.street]
    out["zip"] = [it.split("-")[0].zfill(5) if it else None for it in data.zip]
    out["city"] = [it.strip().lower() or None for it in data.city]
    out["company"] = [re.sub(r"[.,]|\b(llc|inc|the)\b", "", it.lower()).strip() or None for it in data.company]
    out = out.merge(truth[["record_id", "person_id"]], left_on="unique_id", right_on="record_id").drop(columns="record_id")
    for column in ["given", "family", "suffix", "email", "street", "zip", "city", "company"]:
        out[column] = out[column].astype("string")
    return out


def settings(records):
    given = compare.CustomComparison(
        output_column_name="given",
        comparison_levels=[
            level.NullLevel("given"),
            level.ExactMatchLevel("given", term_frequency_adjustments=True),
            level.JaroWinklerLevel("given", 0.92),
            level.CustomLevel(
                "(length(given_l) = 1 or length(given_r) = 1) and given_l[1] = given_r[1]", "an initial"
            ),
            level.JaroWinklerLevel("given", 0.8),
            level.ElseLevel(),
        ],
    )
    common = {"term_frequency_adjustments": True}
    has = {column: records[column].notna().any() for column in records}
    comparisons = {
        "given": given,
        "family": compare.JaroWinklerAtThresholds("family", [0.92, 0.8]).configure(**common),
        "numbers": compare.ArrayIntersectAtSizes("numbers", [1]),
        "email": compare.LevenshteinAtThresholds("email", [2]).configure(**common),
        "street": compare.JaroWinklerAtThresholds("street", [0.95]).configure(**common),
        "zip": compare.ExactMatch("zip").configure(**common),
        "city": compare.JaroWinklerAtThresholds("city", [0.92]).configure(**common),
        "company": compare.ExactMatch("company").configure(**common),
        "suffix": compare.ExactMatch("suffix"),
    }
    if has["numbers"]:
        # With post codes nearly everywhere the town only says them a second time, which would count twice.
        del comparisons["city"]
    blocks = [("numbers",), ("email",), ("street", "zip"), ("street", "city"), ("family", "zip"), ("given", "zip")]
    blocks += [("given", "family"), ("given", "street"), ("family", "street"), ("family", "city")]
    rule = lambda columns: block_on(*columns, **({"arrays_to_explode": ["numbers"]} if columns == ("numbers",) else {}))
    return SettingsCreator(
        link_type="dedupe_only",
        # A guess that anybody can make: three records of a person. What is trained replaces it.
        probability_two_random_records_match=2 / len(records),
        comparisons=[it for column, it in comparisons.items() if has[column]],
        blocking_rules_to_generate_predictions=[rule(it) for it in blocks if all(map(has.get, it))],
        additional_columns_to_retain=["person_id"],
    )


def train(linker, records, mode):
    training = linker.training
    sure = [block_on("given", "family", "zip")]
    sure += [block_on("email")] if records.email.notna().any() else [block_on("street", "given")]
    training.estimate_probability_two_random_records_match(sure, recall=0.6)
    training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    if mode == "labels":
        training.estimate_m_from_label_column("person_id")
        return
    for columns in [("given", "family"), ("street", "zip"), ("email",)]:
        if records[list(columns)].notna().all(axis=1).any():
            training.estimate_parameters_using_expectation_maximisation(block_on(*columns))


def score(clusters, records):
    joined = clusters[["unique_id", "cluster_id"]].merge(records[["unique_id", "person_id"]], on="unique_id")
    two = lambda columns: (lambda n: (n * (n - 1) / 2).sum())(joined.groupby(columns).size())
    right, said, true = two(["cluster_id", "person_id"]), two("cluster_id"), two("person_id")
    precision, recall = right / max(said, 1), right / max(true, 1)
    return 2 * precision * recall / max(precision + recall, 1e-9)


def main():
    folder, mode, out = sys.argv[1:4]
    logging.getLogger("splink").setLevel(logging.ERROR)
    begun = time.time()
    records = cleaned(folder)
    clean_seconds = time.time() - begun
    if not records.numbers.notna().any():
        # Without any value a column needs a type all the same.
        records["numbers"] = pd.Series([None] * len(records), dtype="string")
    database = DuckDBAPI()
    linker = Linker(database.register(records), settings(records), log_level=logging.ERROR)
    if mode != "untrained":
        train(linker, records, mode)
    pairs = linker.inference.predict(threshold_match_probability=0.05)
    if mode == "labels":
        table = pairs.as_pandas_dataframe()
        nothing = table.gamma_given * 0 - 1
        conflict = (table.gamma_given == 0) | (table.get("gamma_suffix", nothing) == 0)
        conflict |= (table.gamma_family == 0) & table.gamma_given.between(0, 3)
        pairs = linker.table_management.register_table_predict(database.register(table[~conflict]))
    match_seconds = time.time() - begun - clean_seconds
    best = (-1.0, None, None)
    for threshold in THRESHOLDS:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_probability=threshold
        ).as_pandas_dataframe()
        best = max(best, (score(clusters, records), threshold, clusters), key=lambda it: it[0])
    rows = best[2][["unique_id", "cluster_id"]].rename(columns={"unique_id": "record_id", "cluster_id": "customer_id"})
    rows.to_csv(out, index=False)
    said = {"threshold": best[1], "clean_seconds": round(clean_seconds, 1), "match_seconds": round(match_seconds, 1)}
    print(json.dumps(said))


main()
