-- title: Doubtful pairs
-- description: Records that may be one document, and that only a person can tell: the rule that doubts, and how alike the titles are.
-- A line in data/rulings/ says same, version (of one study) or different.
SELECT
  links.a,
  links.b,
  links.score,
  links.rule,
  links.reason,
  first.title AS title_a,
  second.title AS title_b
FROM links
JOIN records AS first ON first.id = links.a
JOIN records AS second ON second.id = links.b
WHERE links.relation = 'doubtful'
ORDER BY links.score DESC, links.a, links.b
