"""Tests of the comparison that need no proxy: python3 -m unittest discover benches/compare"""

import unittest
from types import SimpleNamespace
from xml.etree import ElementTree

import contest
import plot
import servers
import work
from failure import Failure
from load import Load, parse_h2load, parse_wrk
from rounds import Sample
from summary import Summary
from table import aligned, number, tables

WRK = """Running 4s test @ http://127.0.0.1:8480/static/x.png
  1 threads and 64 connections
  Latency Distribution
     50%    1.50ms
     75%    2.06ms
     90%    2.75ms
     99%  900.00us
  84123 requests in 4.10s, 17.25MB read
  Socket errors: connect 1, read 2, write 0, timeout 3
  Non-2xx or 3xx responses: 7
Requests/sec:  20523.04
"""


def summary(works, figures):
    """A summary from the figures of each proxy: a list of rounds for each work."""
    plan = SimpleNamespace(
        works=[work.ALL[name] for name in works], peers=[SimpleNamespace(name=each) for each in figures]
    )
    samples = [
        Sample(number, peer, name, values)
        for peer, of_rounds in figures.items()
        for number, values in enumerate(of_rounds)
        for name in works
    ]
    return Summary(plan, samples)


class Loads(unittest.TestCase):
    def test_wrk(self):
        self.assertEqual(parse_wrk(WRK), Load(84123, 4.1, 1500.0, 900.0, not_2xx=7, broken=6))

    def test_wrk_without_errors(self):
        quiet = "\n".join(line for line in WRK.splitlines() if "errors" not in line and "Non-2xx" not in line)
        self.assertEqual((parse_wrk(quiet).not_2xx, parse_wrk(quiet).broken), (0, 0))

    def test_what_is_not_wrks_is_no_load(self):
        with self.assertRaises(Failure):
            parse_wrk("unable to connect")

    def test_h2load(self):
        log = "1\t200\t300\n2\t200\t100\n3\t503\t200\n4\t-1\t900\n"
        self.assertEqual(parse_h2load(log, 2), Load(4, 2, 300.0, 900.0, not_2xx=1, broken=1))


class Checks(unittest.TestCase):
    def test_only_the_expected_answers_count(self):
        def load(not_2xx, broken=0):
            return Load(10, 1.0, 0.0, 0.0, not_2xx, broken)

        work.ALL["small"].check("p", load(0))
        work.ALL["deny"].check("p", load(10))
        for name, wrong in (
            ("small", load(1)),
            ("small", load(0, 1)),
            ("deny", load(9)),
            ("deny", load(10, 1)),
        ):
            with self.assertRaises(Failure, msg=(name, wrong)):
                work.ALL[name].check("p", wrong)


class Contests(unittest.TestCase):
    def test_servers_are_asked_for_what_they_have(self):
        paths = {each.path for each in contest.SERVERS.works.values()}
        self.assertEqual(paths, {"/", "/sum"})

    def test_each_contest_has_its_own_kinds_of_work(self):
        self.assertIn("post", contest.PROXIES.works)
        self.assertNotIn("post", contest.SERVERS.works)
        self.assertEqual([each.name for each in servers.both("program")], ["axum::serve", "ours"])


class Summaries(unittest.TestCase):
    ROUNDS = {"nginx": [{"cpu_us": 10.0}, {"cpu_us": 11.0}, {"cpu_us": 30.0}], "ours": [{"cpu_us": 22.0}]}

    def test_medians_and_ratios_to_the_first(self):
        of = summary(["small"], self.ROUNDS)
        figures = [of.figure(work.ALL["small"], peer, "cpu_us") for peer in of.peers]
        self.assertEqual([(each.median, each.ratio) for each in figures], [(11.0, 1.0), (22.0, 2.0)])

    def test_a_noisy_machine_is_told(self):
        noisy = tables(summary(["small"], self.ROUNDS))
        self.assertIn("differ by up to 173 %", noisy)
        self.assertNotIn("differ", tables(summary(["small"], {"nginx": self.ROUNDS["nginx"][:2]})))

    def test_a_table_has_what_was_measured(self):
        lines = tables(summary(["small"], self.ROUNDS)).splitlines()
        self.assertEqual(
            lines[2].split("|")[1:4], [" small                  ", " 11.0 (1.00) ", " 22.0 (2.00) "]
        )

    def test_columns_are_aligned(self):
        lines = aligned([["a", "b", "c"], ["long", "1", ""], ["x", "1,000", "y"]]).splitlines()
        self.assertEqual(lines[1], "| ---- | ----: | - |")
        self.assertEqual({len(line) for line in lines}, {len(lines[0])})

    def test_numbers(self):
        self.assertEqual(
            [number(each) for each in (0.04, 12.34, 123.4, 12345)], ["0.0", "12.3", "123", "12,345"]
        )

    def test_the_plot_is_xml_with_a_bar_for_each_figure(self):
        drawn = ElementTree.fromstring(
            plot.svg(summary(["small", "post"], {"a<b": [{"cpu_us": 1.0}], "b": [{"cpu_us": 2.0}]}))
        )
        bars = [
            each for each in drawn.iter() if each.tag.endswith("rect") and each.get("height") == str(plot.BAR)
        ]
        self.assertEqual(len(bars), 4)


if __name__ == "__main__":
    unittest.main()
