-- What has grown when rulings or decisions came: the bytes of all rulings, the number of the last decision.
SELECT
  (SELECT coalesce(sum(size), 0) FROM sources WHERE path LIKE 'data/rulings/%'),
  (SELECT coalesce(max(id), 0) FROM decisions)
