-- The arm of every unit: the slice that holds the first 28 bits of md5(salt:unit), read as a number.
-- unit(unit), slice(arm, least, below)
SELECT p.unit, s.arm
FROM (SELECT d.unit,
             (strpos('0123456789abcdef', substr(d.digest, 1, 1)) - 1) * 16777216
           + (strpos('0123456789abcdef', substr(d.digest, 2, 1)) - 1) * 1048576
           + (strpos('0123456789abcdef', substr(d.digest, 3, 1)) - 1) * 65536
           + (strpos('0123456789abcdef', substr(d.digest, 4, 1)) - 1) * 4096
           + (strpos('0123456789abcdef', substr(d.digest, 5, 1)) - 1) * 256
           + (strpos('0123456789abcdef', substr(d.digest, 6, 1)) - 1) * 16
           + (strpos('0123456789abcdef', substr(d.digest, 7, 1)) - 1) AS place
      FROM (SELECT u.unit, md5(:salt || ':' || CAST(u.unit AS text)) AS digest FROM unit AS u) AS d) AS p
JOIN slice AS s ON p.place >= s.least AND p.place < s.below
