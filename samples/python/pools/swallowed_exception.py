# title: Work that failed and told nobody
# seeds: S13 S39
# shows: three of the ten work items end in red on their pool lanes, yet the program prints a cheerful total: nobody asked the futures for their result.
# expect: task-exception-lost
# not: deadlock hang
# timeout: 15
# exit: 0
"""A future keeps its exception until someone asks; if nobody does, it is gone."""

import time
from concurrent.futures import ThreadPoolExecutor


class Ledger:
    def __init__(self) -> None:
        self.booked = 0

    def book(self, invoice: dict) -> None:
        time.sleep(0.1)
        amount = int(invoice["amount"])  # some invoices have an amount that is no number
        self.booked += amount


def main() -> None:
    invoices = [{"id": number, "amount": "n/a" if number % 4 == 1 else "10"} for number in range(10)]
    ledger = Ledger()
    with ThreadPoolExecutor(3, "booking") as pool:
        for invoice in invoices:
            pool.submit(ledger.book, invoice)
    # The cure: keep the futures and call result(), or give each a done callback that looks.
    print(f"booked {ledger.booked} for {len(invoices)} invoices")


if __name__ == "__main__":
    main()
