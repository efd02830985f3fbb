"""Reviews made up by chance, with much that is alike in them, and what a database says of one."""

from __future__ import annotations

import json
import random
import shutil
from contextlib import closing
from pathlib import Path

from conftest import ROOT

from reviewdb import database
from reviewdb.review import Review

# Citation keys collide, also with what a collision makes: lee2019deep, lee2019deepa, lee2019deepb.
TITLES = (
    *("Deep learning for retina anomaly detection", "Deepa learning for retina anomaly detection"),
    *("Deepb", "Deep learning for retina anomaly detection in OCT", "Deep", "Deepa"),
    *("Unsupervised anomaly detection in brain MRI images", "Unsupervised detection of anomalies in brain MRI scans"),
)
AUTHORS = (["A. Lee", "B. Jones"], ["A. Lee"], ["A. Lee", "C. Kim"], ["D. Wong", "E. Fox", "F. Li"])
# As other people's libraries have them, in whatever capitals.
LIBRARY_KEYS = ("Lee2019Deep", "lee2019deep", "LEE2019DeepA", "Lee2019deepaB", "Own:1")
RELATIONS = ("same", "same", "version", "different", None)


def derived(place: Review) -> list[tuple[object, ...]]:
    """Return what the text of a review comes to, without the numbers of decisions."""
    with closing(database.reader(place.database)) as connection:
        rows = []
        for sql in (
            "SELECT * FROM papers ORDER BY id",
            "SELECT * FROM paper_codes ORDER BY paper_id, question_id, code, status",
            "SELECT paper_id, question_id, coder, answer, contested FROM current_decisions ORDER BY 1, 2, 3",
            "SELECT paper_id, question_id, coder FROM open_again ORDER BY 1, 2, 3",
            "SELECT * FROM paper_days ORDER BY paper_id, day",
            "SELECT * FROM independent_answers ORDER BY paper_id, question_id",
            "SELECT * FROM paper_arrivals ORDER BY paper_id",
            """SELECT id FROM papers JOIN paper_search ON papers.rowid = paper_search.rowid
            WHERE paper_search MATCH 'retina OR survey OR deep' ORDER BY id""",
            "SELECT * FROM links ORDER BY a, b",
            "SELECT * FROM matches ORDER BY a, b",
            "SELECT * FROM doubtful_pairs ORDER BY a, b",
            "SELECT * FROM studies ORDER BY id",
            "SELECT * FROM paper_records ORDER BY record_id",
            "SELECT * FROM paper_fields ORDER BY paper_id, field",
            "SELECT * FROM paper_criteria ORDER BY paper_id, position",
            """SELECT record_id, decisions.question_id, coder, at, why, code, text, words
            FROM decisions LEFT JOIN answers ON decision_id = decisions.id ORDER BY 1, 2, 3, 4, 6, 8""",
        ):
            rows += connection.execute(sql).fetchall()
        return rows


class Made:
    """A review of three searches, in no order of time, whose records are alike; coders say of them what chance says."""

    def __init__(self, root: Path, seed: int) -> None:
        self._chance = random.Random(seed)
        self.place = Review(root)
        self.hits: list[str] = []
        #: Records that only tell more of a hit.
        self.more: list[str] = []
        self._said = 0
        shutil.copytree(ROOT / "queries", root / "queries")
        for kind in ("searches", "decisions", "rulings"):
            (root / "data" / kind).mkdir(parents=True)
        for name in ("coding-scheme.toml", "protocol.toml"):
            shutil.copy(ROOT / "data" / name, root / "data" / name)
        for search, day in enumerate(self._chance.sample(range(1, 29), 3)):
            lines = [{"source": "made", "query": "q", "date": f"2026-01-{day:02}"}]
            lines += [self._record(f"s{search}-{n:03}", n) for n in range(1, 8)]
            self._append(self.place.search_file(f"s{search}"), *lines)
        # Those few hang together the more.
        self._few = self._chance.sample(self.hits + self.more, 9)

    def _record(self, id_: str, rank: int) -> dict[str, object]:
        chance = self._chance
        record: dict[str, object] = {
            "id": id_,
            "rank": rank,
            "title": chance.choice(TITLES),
            "authors": chance.choice(AUTHORS),
            "venue": chance.choice(["", "Medical Image Analysis", "MICCAI", "arXiv"]),
            "abstract": chance.choice(["", "We use autoencoders on chest x-rays."]),
        }
        year = chance.choice([2019, 2019, 2020, 2010, None])
        record |= {"year": year} if year else {}
        # What other searches know by the same name is the same work.
        record |= {"openalex": f"W{chance.randrange(9)}", "references": [f"W{chance.randrange(12)}" for _ in range(3)]}
        if chance.random() < 0.3:
            record["citation_key"] = chance.choice(LIBRARY_KEYS)
        if self.hits and chance.random() < 0.2:
            self.more.append(id_)
            return record | {"about": chance.choice(self.hits)}
        self.hits.append(id_)
        return record

    def say(self) -> None:
        """Append one line or two of rulings, and sometimes a decision: at the end of their files, not of time."""
        chance = self._chance
        for _ in range(chance.randrange(1, 3)):
            a, b = chance.sample(self._few, 2)
            ruling = {"at": self._moment(), "a": a, "b": b, "relation": chance.choice(RELATIONS)}
            self._append(self.place.rulings_of(chance.choice(["ana", "ben"])), ruling)
        if chance.random() < 0.4:
            said = {"record": chance.choice(self.hits), "question": "screening"}
            answer = chance.choice(["include", "maybe"])
            self._append(self.place.decisions_of("ana"), {"at": self._moment(), **said, "answer": answer})

    def code(self, count: int) -> None:
        """Append answers of three coders on some days of a month; now and then one is withdrawn, undone or settles."""
        chance = self._chance
        made: dict[tuple[str, str, str], str] = {}
        for _ in range(count):
            record, coder = chance.choice(self._few[:3]), chance.choice(["ana", "ana", "ana", "ben", "cyd"])
            asked = [*("screening", "eligibility") * 2, "modality", "method", "supervision.coded"]
            question = chance.choice(asked)
            codes = {
                "modality": ["mri", "mri.brain", "ct"],
                "method": ["gan", "pca"],
                "supervision.coded": ["supervised", "unsupervised"],
            }
            answer = chance.choice(codes.get(question, ["include"] * 9 + ["exclude"]))
            self._said += 1
            day = chance.randrange(1, 15)
            line: dict[str, object] = {"at": f"2026-12-{day:02}T{self._said // 60:02}:{self._said % 60:02}:00Z"}
            line |= {"record": record, "question": question, "answer": [answer]}
            kind = chance.random()
            if kind < 0.1:
                line["answer"] = None
            elif kind < 0.2 and (record, question, coder) in made:
                del line["answer"]
                line["undoes"] = made[record, question, coder]
            elif kind < 0.3:
                line["settles"] = True
            made[record, question, coder] = str(line["at"])
            self._append(self.place.decisions_of(coder), line)

    def _moment(self) -> str:
        self._said += 1
        return f"2026-11-01T00:{self._chance.randrange(60):02}:{self._said:02}Z"

    @staticmethod
    def _append(path: Path, *lines: dict[str, object]) -> None:
        with path.open("a", encoding="utf-8") as handle:
            handle.writelines(json.dumps(line) + "\n" for line in lines)
