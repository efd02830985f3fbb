-- title: Doubtful pairs
-- for: coders
-- description: Records that may be one document, and that only a person can tell: the rule that doubts, and how alike the titles are.
SELECT
  a,
  b,
  score,
  rule,
  reason,
  first.title AS title_a,
  second.title AS title_b
FROM doubtful_pairs
JOIN records AS first ON first.id = a
JOIN records AS second ON second.id = b
ORDER BY score DESC, a, b
