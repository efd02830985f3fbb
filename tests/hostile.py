"""Two hundred titles that break exports: pieces that are special somewhere, put together the same way every time."""

from __future__ import annotations

import random

from reviewdb.model import Paper

#: Each is special to at least one of LaTeX, BibTeX, RIS, CSV, HTML, Markdown, spreadsheets and terminals.
PIECES = (
    "{braces}", "unbalanced {", "unbalanced }", "}{", r"\input{x}", r"\end{document}", r"\\", "ends in \\", "100 %",
    "50%", "$5", "$x$", "A & B", "AT&amp;T", "x_y", "_under_", "a^2", "~tilde~", "#1", "##", '"quoted"', "'single'",
    "``TeX''", "„deutsch“", "«guillemets»", "‘curly’", "\u202ertl\u202c", "\u200emark", "zero\u200bwidth",
    "soft\u00adhyphen",
    "α-GAN", "β₁ and γ²", "Ελληνικά", "ΔE ≤ 5 µm ± 2°", "异常检测", "日本語", "한국어", "Обнаружение",
    "\U0001f9e0 brain",
    "\U0001f468\u200d\u2695\ufe0f", "naïve Łódź", "e\u0301tude", "x\u0304", "a\u0323\u0302", "ÄÖÜß",
    "Çağrı İstanbul ıJ",
    "TY  - JOUR", "ER  - ", "AU  - Nobody", "two\nlines", "two\r\nlines", "tab\there", " leading", "trailing ",
    "no\u00a0break", "<b>bold</b>", "<script>alert(1)</script>", "&lt;tag&gt;", "&#945;", "a | b", "`code`", "*star*",
    "[link](x)", "[PDF] first", "*after a row", "=1+1", "+1", "-1", "@SUM(A1)", "@article{x,", "--", "---", "a -- b",
    "pneumonoultramicroscopicsilicovolcanoconiosis", "x" * 60, "MRI", "f-AnoGAN", "deep/wide/long/paths/everywhere",
    "comma, semicolon; colon:", "?`", "!`", "<<", ">>", "/*", r'\"o', r"{\'e}", r"\LaTeX", r"$\alpha$", r"\&", r"\%",
    "\u2028separator", "\ufeffbom", "–en—em…", "№ 5", "½ ¾", "→ ∞ ≠ ≈", "ﬁ ligature", "𝔘nicode 𝑥",
)  # fmt: skip


def titles(count: int = 200, seed: int = 5) -> list[str]:
    """Return titles of one to four pieces; each piece is in at least one of them."""
    chosen = random.Random(seed)
    made = [f"{piece} {n}" for n, piece in enumerate(PIECES)]
    while len(made) < count:
        made.append(" ".join(chosen.sample(PIECES, chosen.randint(2, 4))) + f" {len(made)}")
    return made[:count]


def papers() -> list[Paper]:
    """Return a paper for each title, every field as hostile as it."""
    listed = titles()
    return [
        Paper(
            id=f"p{n}",
            key=f"hostile{n}",
            study=f"p{n}",
            records=(),
            title=title,
            authors=("Müller, Jürgen", "O'Neil & Łuk, A. {B}"),
            year=2020,
            venue=listed[-1 - n],
            volume="3(4)",
            pages="1–10",
            doi="10.1000/a_b%c#d",
            url="https://example.org/~a_b?c=%20&d=1#e",
            abstract="",
            citations=None,
            venue_type="journal",
            published="2020",
        )
        for n, title in enumerate(listed)
    ]
