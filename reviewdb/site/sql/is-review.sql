-- How many of the tables that make a database one of a review it has.
SELECT count(*)
FROM sqlite_master
WHERE type = 'table' AND name IN ('build_info', 'protocol', 'queries', 'questions', 'codes', 'papers', 'paper_codes')
