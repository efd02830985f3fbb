-- The records that hang together with some: joined by what rules take for one paper or study, or by any ruling, over
-- any number of steps; and what tells more of one of them.
-- :ends  a JSON array of records; :ruled  a JSON array of pairs of records
WITH RECURSIVE ruled (a, b) AS (SELECT value ->> 0, value ->> 1 FROM json_each(:ruled)),
component (id) AS (
  SELECT value FROM json_each(:ends)
  UNION SELECT matches.b FROM matches JOIN component ON matches.a = component.id WHERE matches.relation <> 'doubtful'
  UNION SELECT matches.a FROM matches JOIN component ON matches.b = component.id WHERE matches.relation <> 'doubtful'
  UNION SELECT ruled.b FROM ruled JOIN component ON ruled.a = component.id
  UNION SELECT ruled.a FROM ruled JOIN component ON ruled.b = component.id
  UNION SELECT records.id FROM records JOIN component ON records.about = component.id
  UNION SELECT records.about FROM records JOIN component ON records.id = component.id WHERE records.about IS NOT NULL
)
SELECT id FROM component
