-- What people say of other records of the two papers that :a and :b are in.
SELECT links.*
FROM links
JOIN paper_records AS one ON one.record_id = links.a
JOIN paper_records AS other ON other.record_id = links.b
JOIN paper_records AS first ON first.record_id = :a
JOIN paper_records AS second ON second.record_id = :b
WHERE links.rule = 'ruling'
  AND first.paper_id <> second.paper_id
  AND min(one.paper_id, other.paper_id) = min(first.paper_id, second.paper_id)
  AND max(one.paper_id, other.paper_id) = max(first.paper_id, second.paper_id)
  AND (links.a, links.b) <> (:a, :b)
ORDER BY links.a, links.b
