cd ".".
file type mixed
  /file = "usa.dat"
  /record = 1-1 (a)
.
record type "H".
data list /
  RECTYPE    1-1 (a)
  YEAR       2-5
  HHWT       16-25 (2)
.
record type "P".
data list /
  RECTYPE    1-1 (a)
  YEAR       2-5
  PERNUM  16-19
.
end file type.
variable labels
  RECTYPE  """Record"" type"
 YEAR "Year"
.
value labels
  /YEAR
    1850   "1850"
  /RECTYPE
    "H" "Household"
    "P" "Person"
.
execute.
