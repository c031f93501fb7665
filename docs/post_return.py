"""Posts a return and prints its report: python3 post_return.py FILE.json [--dry-run]"""
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

EXCHANGE = os.environ.get("EXCHANGE", "http://127.0.0.1:8080")


def post(path, body):
    """Asks until there is an answer: with the same key a return is taken once, however often it arrives."""
    headers = {"Authorization": "Bearer " + os.environ["RESPONDENT"], "Content-Type": "application/json",
               "Idempotency-Key": str(uuid.uuid4())}
    for wait in (1, 5, 25, None):
        request = urllib.request.Request(EXCHANGE + path, data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, json.load(answer)
        except urllib.error.HTTPError as refusal:
            if wait is None or refusal.code not in (429, 503):
                return refusal.code, refusal.headers, json.load(refusal)
            wait = int(refusal.headers.get("Retry-After", wait))
        except OSError:
            if wait is None:
                raise
        time.sleep(wait)


with open(sys.argv[1], "rb") as file:
    dry = "?dry_run=true" if "--dry-run" in sys.argv else ""
    status, headers, answer = post("/v1/returns" + dry, file.read())

report = answer.get("report") or {}
print(status, answer.get("code") or report["outcome"], answer.get("detail", ""))
for problem in report.get("problems") or answer.get("problems") or []:
    place = problem["place"]
    where = place.get("column") or place.get("pointer", "")
    print(f"{problem['severity']:8}row {place.get('source_row', '-'):4}{problem['code']:24}{where}\n        {problem['message']}")
if status == 201:
    print("posted:", headers["Location"], "version", headers["ETag"])
sys.exit(status not in (200, 201) or report["outcome"] == "WOULD_BE_REFUSED")
