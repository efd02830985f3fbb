// Searching a published site: the words and choices of the address, found in the index that lies beside this page.
"use strict";

(() => {
  const AT_ONCE = 50;
  const TITLE_WEIGHS = 4;
  const BEGINNING_WEIGHS = 0.5;
  const SHORTEST = 3;
  // As on a running site: a word of so many letters is taken for a slip of one in so many times as many papers.
  const TOLD_APART = 5;
  const MANY_TIMES = 20;

  const index = self.reviewdbIndex;
  const page = document.getElementById("found");
  const box = document.getElementById("search");
  if (!index || !page || !box) return;
  document.getElementById("unsearched")?.remove();

  const [KEY, TITLE, AUTHORS, MORE, YEAR, VENUE, CITATIONS, STATUS, REASON, NAMED, IMPLIED] = Array(11).keys();
  const words = index.words.split(" ");
  const inTitle = index.inTitle.split(",");
  const elsewhere = index.elsewhere.split(",");
 
  const parameters = [...new URLSearchParams(location.search)].filter(([, value]) => value.trim());
  const choices = parameters.filter(([name]) => !name.startsWith("_") || name === "_code");
  const coded = choices.filter(([name]) => name === "_code").map(([, value]) => value);
  const sort = parameters.find(([name]) => name === "_sort" || name === "_sort_desc");

  // As the index was folded: small letters of ASCII where there are such.
  const fold = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[^\x00-\x7f]/gu, letter => index.letters[letter] ?? letter);
  const wordsOf = text => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];

  function papersOf(posting) {
    let paper = 0;
    return posting ? posting.split(" ").map(step => (paper += parseInt(step, 36))) : [];
  }

  // The place of the first word that does not come before a text, in the order of the index: that of code points.
  function placeOf(text) {
    let low = 0;
    let high = words.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (words[middle] < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function beginningWith(text) {
    const found = [];
    for (let n = placeOf(text); n < words.length && words[n].startsWith(text); n++) found.push(n);
    return found;
  }

  // The words of the index that full-text search takes for the same: by their first one, and by one of them as typed.
  const firsts = index.stems.split(",").map((first, n) => (first ? parseInt(first, 36) : n));
  const kin = new Map();
  firsts.forEach((first, n) => kin.set(first, [...kin.get(first) ?? [], n]));
  function sameAs(typed) {
    const n = placeOf(typed);
    return words[n] === typed ? kin.get(firsts[n]) : [];
  }

  const papersWith = found => new Set(found.flatMap(n => [...papersOf(inTitle[n]), ...papersOf(elsewhere[n])]));

  // Whether one letter more, less, other, or changed with its neighbour makes one word of the other.
  function isNear(a, b) {
    if (Math.abs(a.length - b.length) > 1) return false;
    let from = 0;
    while (from < a.length && a[from] === b[from]) from++;
    const [x, y] = [a.slice(from), b.slice(from)];
    return x.slice(1) === y.slice(1) || x.slice(1) === y || x === y.slice(1)
      || (x[0] === y[1] && x[1] === y[0] && x.slice(2) === y.slice(2));
  }

  // A word without its ending, that "detecting" may find "detection"; short words are left alone.
  const stemOf = word => word.replace(/(?<=.{4})s$/, "").replace(/(?<=.{5})(ing|ion|ed|e|ive|al)$/, "");

  // The words of the index that are meant: the same with other endings, else those that begin so. With `wide`, and where
  // there are none, those one slip away as well, else the longest beginning. A number has neither slips nor endings.
  function meant(word, wide) {
    let found = word.begun ? beginningWith(word.typed) : sameAs(word.typed);
    if (/^\d+$/.test(word.typed) || (found.length && !wide)) return found;
    if (!found.length) found = beginningWith(stemOf(word.typed));
    if (!wide || word.typed.length <= SHORTEST) return found;
    found = [...found, ...slips(word.typed)];
    for (let length = word.typed.length - 1; !found.length && length >= Math.max(SHORTEST, word.typed.length / 2); length--) {
      found = beginningWith(word.typed.slice(0, length));
    }
    return found;
  }

  const slips = typed => [...words.keys()].filter(n => words[n] !== typed && isNear(typed, words[n]));

  // The word that was meant by one that no paper has, or hardly one, as papers have slips themselves; empty: it as typed.
  function putRight({typed, begun}) {
    if (begun || typed.length <= SHORTEST || /^\d+$/.test(typed)) return "";
    const had = papersWith(meant({typed}, false)).size;
    if (had && typed.length < TOLD_APART) return "";
    const near = slips(typed).map(n => [papersWith(sameAs(words[n])).size, words[n]]);
    const [most, word] = near.sort((a, b) => b[0] - a[0])[0] ?? [0, ""];
    return most >= had * MANY_TIMES ? word : "";
  }

  // How well each paper that has a word matches it. What is in more papers says less.
  function scores(word, wide) {
    const scored = new Map();
    for (const n of meant(word, wide)) {
      const weight = words[n] === word.typed ? 1 : BEGINNING_WEIGHS;
      for (const [posting, times] of [[inTitle[n], TITLE_WEIGHS], [elsewhere[n], 1]]) {
        const papers = papersOf(posting);
        const score = weight * times * Math.log(1 + index.papers.length / (1 + papers.length));
        for (const paper of papers) scored.set(paper, Math.max(score, scored.get(paper) ?? 0));
      }
    }
    return scored;
  }

  // What an address calls a code, such as modality.mri.brain, and its parts again: column, code, question and status.
  const named = ([column, code]) => `${column}.${code}`;
  function read(name) {
    const column = Object.keys(index.columns).find(column => name.startsWith(`${column}.`)) ?? "";
    return [column, name.slice(column.length + 1), ...index.columns[column] ?? []];
  }

  const codesOf = paper => [...paper[NAMED], ...paper[IMPLIED]].map(number => index.choices[number])
    .filter(choice => choice[3] !== "contested");

  // Whether one choice of the address holds of a paper. Codes of one question are joined by OR, all else by AND.
  function holds(paper, name, value) {
    switch (name) {
      case "status": return paper[STATUS] === value;
      case "status__not": return paper[STATUS] !== value;
      case "status__in": return value.split(",").includes(paper[STATUS]);
      case "year": return String(paper[YEAR]) === value;
      case "year__gte": return paper[YEAR] !== null && paper[YEAR] >= Number(value);
      case "year__lte": return paper[YEAR] !== null && paper[YEAR] <= Number(value);
      case "_code": {
        const [, , question] = read(value);
        return !question || codesOf(paper).some(choice => choice[4] === question && coded.includes(named(choice)));
      }
      default: return codesOf(paper).some(choice => `${choice[0]}__arraycontains` === name && choice[1] === value);
    }
  }

  const chosen = paper => choices.every(([name, value]) => holds(paper, name, value));

  const compared = (a, b) => typeof a === "string" ? (a < b ? -1 : Number(a > b)) : a - b;

  function ordered(found) {
    if (!sort) return found.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    const column = {year: YEAR, title: TITLE, citations: CITATIONS}[sort[1]] ?? YEAR;
    const down = sort[0] === "_sort_desc" ? -1 : 1;
    const value = ([paper]) => index.papers[paper][column];
    return found.sort((a, b) => (value(a) === null) - (value(b) === null)
      || down * compared(value(a), value(b)) || a[0] - b[0]);
  }

  // What is typed in parts: the words of each, those of `begin*` begun, and whether papers should be without them.
  const partsOf = typed => typed.split(/\s+/).map(part => ({
    without: /^-./.test(part),
    words: wordsOf(part).map((word, n, all) => ({typed: word, begun: part.endsWith("*") && n === all.length - 1})),
  }));

  // The papers that a part with a minus keeps out: those with all of its words.
  function keptOut(part) {
    const [first, ...others] = part.words.map(word => papersWith(word.begun ? beginningWith(word.typed) : sameAs(word.typed)));
    return [...first ?? []].filter(paper => others.every(papers => papers.has(paper)));
  }

  // The search that finds something: as typed, else with slips put right, else with all that is near, even some words only.
  function search(parts) {
    const typed = parts.filter(part => !part.without).flatMap(part => part.words);
    const right = typed.map(word => ({...word, typed: putRight(word) || word.typed}));
    const isOther = right.some((word, n) => word.typed !== typed[n].typed);
    const unwanted = new Set(parts.filter(part => part.without).flatMap(keptOut));
    const found = matching(typed, unwanted, false);
    if (found.found.length && found.all) return {...found, words: typed};
    if (isOther) {
      const other = matching(right, unwanted, false);
      if (other.found.length && other.all) return {...other, words: right, meant: right.map(word => word.typed).join(" ")};
    }
    const near = matching(typed, unwanted, true);
    return {...near, words: typed, isNear: near.all && near.found.length > 0};
  }

  // The papers for some words, the best first, and whether they have all of these.
  function matching(asked, unwanted, wide) {
    const wanted = asked.map(word => scores(word, wide));
    const total = new Map();
    for (const scored of wanted) {
      for (const [paper, score] of scored) {
        const [count, sum] = total.get(paper) ?? [0, 0];
        total.set(paper, [count + 1, sum + score]);
      }
    }
    const within = paper => !unwanted.has(paper) && chosen(index.papers[paper]);
    if (!wanted.length) return {all: true, found: ordered([...index.papers.keys()].filter(within).map(n => [n, 0]))};
    const some = [...total].filter(([paper]) => within(paper));
    const every = some.filter(([, [count]]) => count === wanted.length);
    const kept = every.length ? every : some;
    return {all: every.length > 0 || !some.length, found: ordered(kept.map(([paper, [count, sum]]) => [paper, count * 1000 + sum]))};
  }

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
    made.append(...children);
    return made;
  }

  // A text with the words marked that begin as something typed.
  function marked(text, typed) {
    const parts = text.split(/([\p{L}\p{N}\p{M}]+)/u);
    return parts.map((part, n) => n % 2 && typed.some(word => fold(part).startsWith(word)) ? element("mark", {}, part) : part);
  }

  const address = pairs => `search.html?${new URLSearchParams(pairs)}`;

  function chip(number) {
    const [column, code, label, status] = index.choices[number];
    const hidden = status === "coded" ? [] : [element("span", {class: "hidden"}, ` (${status})`)];
    return element("a", {class: `chip ${status}`, href: address([[`${column}__arraycontains`, code]])}, label, ...hidden);
  }

  function card(paper, typed) {
    const link = element("a", {href: `paper/${paper[KEY]}.html`}, element("bdi", {}, ...marked(paper[TITLE], typed)));
    const facts = element("p", {class: "facts"});
    if (paper[VENUE]) facts.append(element("cite", {}, element("bdi", {}, paper[VENUE])), " ");
    if (paper[YEAR] !== null) facts.append(element("span", {}, String(paper[YEAR])), " ");
    if (paper[CITATIONS] !== null) {
      facts.append(element("span", {}, `${paper[CITATIONS].toLocaleString("en")} citation${paper[CITATIONS] === 1 ? "" : "s"}`), " ");
    }
    const reason = paper[REASON] ? `: ${paper[REASON].toLowerCase()}` : "";
    facts.append(element("span", {class: `status ${paper[STATUS]}`}, paper[STATUS] + reason));
    const authors = element("p", {class: "byline"}, element("bdi", {}, ...marked(paper[AUTHORS], typed)), paper[MORE] ? " et al." : "");
    const chips = paper[NAMED].flatMap(number => [chip(number), " "]);
    const made = element("li", {class: "card"}, element("h2", {}, link), authors, facts);
    if (chips.length) made.append(element("p", {class: "chips"}, ...chips));
    return made;
  }

  function choiceLabel([name, value]) {
    const [, code, question, status] = read(name === "_code" ? value : `${name.replace("__arraycontains", "")}.${value}`);
    const known = index.choices.find(choice => choice[4] === question && choice[1] === code);
    if (!known) return ({year__gte: "from", year__lte: "until", status__not: "not", status__in: "status:"}[name] ?? `${name}:`) + ` ${value}`;
    return status === "suggested" ? `${known[2]} (suggested)` : known[2];
  }

  const count = page.querySelector(".count");
  const meantFor = page.querySelector(".meant");
  const orders = page.querySelector(".orders");
  const list = page.querySelector(".cards");
  const more = page.querySelector("button");

  function drawCount(papers, all) {
    const number = element("b", {}, `${papers.toLocaleString("en")} paper${papers === 1 ? "" : "s"}`);
    count.replaceChildren(number, all ? "" : " have some of these words, none has all");
    for (const choice of choices) {
      const others = parameters.filter(other => other !== choice);
      count.append(" ", element("a", {class: "choice", href: address(others)}, element("bdi", {}, choiceLabel(choice)),
        element("span", {class: "hidden"}, ": remove"), element("span", {"aria-hidden": "true"}, " ×")));
    }
    if (!papers) count.append(" Try fewer words, or the beginning of one.");
  }

  function drawOrders() {
    const others = parameters.filter(pair => pair !== sort && !["_next", "_page"].includes(pair[0]));
    const known = [["best first", null], ["newest first", ["_sort_desc", "year"]], ["oldest first", ["_sort", "year"]], ["by title", ["_sort", "title"]]];
    known.forEach(([label, pair], n) => {
      const current = pair ? sort?.join() === pair.join() : !sort;
      const link = {href: address(pair ? [...others, pair] : others), rel: "nofollow"};
      orders.append(n ? " · " : "", current ? element("b", {}, label) : element("a", link, label));
    });
  }

  function draw() {
    const {all, found, words: asked, meant: other, isNear: near} = search(partsOf(box.value));
    const typed = asked.map(word => word.typed);
    const instead = other ? `Did you mean ${other}? Here is what has that.` : near && "Here is what comes near.";
    meantFor.textContent = instead ? `No paper has all of this. ${instead}` : "";
    let shown = 0;
    const next = () => {
      list.append(...found.slice(shown, shown + AT_ONCE).map(([paper]) => card(index.papers[paper], typed)));
      shown += AT_ONCE;
      more.hidden = shown >= found.length;
    };
    list.replaceChildren();
    drawCount(found.length, all);
    page.hidden = !(typed.length || box.value.trim() || choices.length || sort);
    more.onclick = next;
    next();
  }

  box.value = (parameters.find(([name]) => name === "_search") ?? ["", ""])[1];
  for (const [name, value] of parameters) {
    if (["_search", "_next", "_page"].includes(name)) continue;
    box.form.append(element("input", {type: "hidden", name, value}));
  }
  let waiting = 0;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(draw, 120);
  });
  drawOrders();
  draw();
  if (!parameters.length) box.focus();
})();
