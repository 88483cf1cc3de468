"""dlt, a well-known open loader, reading the same source as ours into a database.

Usage: loader.py URL BUSINESS DATABASE, where BUSINESS is JSON with the number and the credentials of one business of the
simulator at URL, and DATABASE an address as SQLAlchemy (SQLite) or PostgreSQL take it.

It is set up as somebody would who knows it: its own REST source with the feeds' cursors, all feeds read side by side, nested
values kept as JSON in one column instead of tables of their own, rows appended and not merged, which is the least work.
What it does not do is anything with the rows: nobody is told from anybody, and nothing hangs on anything.
Prints how many rows it loaded.
"""

import json
import sys

import dlt
import requests
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator, PageNumberPaginator
from dlt.sources.rest_api import rest_api_source

FEEDS = {
    "tag_types": "settings/v2/tenant/{}/export/tag-types",
    "technicians": "settings/v2/tenant/{}/export/technicians",
    "membership_types": "memberships/v2/tenant/{}/export/membership-types",
    "customer_contacts": "crm/v2/tenant/{}/export/customers/contacts",
    "customers": "crm/v2/tenant/{}/export/customers",
    "locations": "crm/v2/tenant/{}/export/locations",
    "installed_equipment": "equipmentsystems/v2/tenant/{}/export/installed-equipment",
    "appointments": "jpm/v2/tenant/{}/export/appointments",
    "assignments": "dispatch/v2/tenant/{}/export/appointment-assignments",
    "jobs": "jpm/v2/tenant/{}/export/jobs",
    "memberships": "memberships/v2/tenant/{}/export/memberships",
}


def feed(name, path):
    pages = JSONResponseCursorPaginator(cursor_path="continueFrom", cursor_param="from", has_more_path="hasMore")
    endpoint = {"path": path, "paginator": pages, "data_selector": "data", "params": {"includeRecentChanges": "true"}}
    return {"name": name, "endpoint": endpoint, "parallelized": True}


def lists(number):
    pages = PageNumberPaginator(base_page=1, total_path=None, has_more_path="hasMore")
    types = {"path": f"jpm/v2/tenant/{number}/job-types", "paginator": pages, "data_selector": "data"}
    types["params"] = {"pageSize": 1000, "active": "Any"}
    outs = {"path": f"telecom/v3/tenant/{number}/optinouts/optouts", "paginator": "single_page", "data_selector": "data"}
    return [{"name": "job_types", "endpoint": types}, {"name": "opt_outs", "endpoint": outs}]


def postgres(database):
    """dlt wants a password even for a server that asks for none."""
    return dlt.destinations.postgres(database.replace("//postgres@", "//postgres:none@", 1))


def main():
    url, business, database = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
    asked = {
        "grant_type": "client_credentials",
        "client_id": business["client_id"],
        "client_secret": business["client_secret"],
    }
    token = requests.post(f"{url}/connect/token", data=asked, timeout=60).json()["access_token"]
    number = business["number"]
    source = rest_api_source(
        {
            "client": {
                "base_url": url,
                "headers": {"ST-App-Key": business["app_key"]},
                "auth": {"type": "bearer", "token": token},
            },
            "resource_defaults": {"write_disposition": "append", "max_table_nesting": 0},
            "resources": [feed(name, path.format(number)) for name, path in FEEDS.items()] + lists(number),
        }
    )
    destination = dlt.destinations.sqlalchemy(database) if database.startswith("sqlite") else postgres(database)
    pipeline = dlt.pipeline("doorstep_bench", destination=destination, dataset_name="loaded", progress=None)
    pipeline.run(source).raise_on_failed_jobs()
    counts = pipeline.last_trace.last_normalize_info.row_counts
    print(sum(count for table, count in counts.items() if not table.startswith("_dlt")))


main()
