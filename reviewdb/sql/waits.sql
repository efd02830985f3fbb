-- A row where the papers of the records :a and :b wait for a person to say what they are to each other.
SELECT 1
FROM doubtful_pairs
JOIN paper_records AS one ON one.record_id = doubtful_pairs.a
JOIN paper_records AS other ON other.record_id = doubtful_pairs.b
JOIN paper_records AS first ON first.record_id = :a
JOIN paper_records AS second ON second.record_id = :b
WHERE (one.paper_id, other.paper_id) IN ((first.paper_id, second.paper_id), (second.paper_id, first.paper_id))
LIMIT 1
