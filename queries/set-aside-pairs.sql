-- title: Pairs set aside
-- for: coders
-- description: Links and rulings that stronger links or other rulings leave no room for: they join nothing.
SELECT
  a,
  b,
  relation,
  coalesce(coder, rule) AS said_by,
  reason,
  first.title AS title_a,
  second.title AS title_b
FROM links
JOIN records AS first ON first.id = a
JOIN records AS second ON second.id = b
WHERE links.cut
ORDER BY rule = 'ruling' DESC, score DESC, a, b
