*-------------------------------------------------------------------------*
*  VALUE LABELS:  assigns descriptive labels (e.g., "c:\temp\da.txt").
*-------------------------------------------------------------------------.
FILE HANDLE DATA / NAME="data-filename" LRECL=1224.
DATA LIST FILE=DATA /
   V1 1- 6 (A)               V2 7   V3 8-9 (2)
   A1 TO A3 10-12  W 13-20 (F,3)
   .

VARIABLE LABELS
   V1        'It''s V1' /
   V2  "Sex" + " of person"
   .
VALUE LABELS
/V2_
   1 "Male" 2 'Female' 9 "NS"
/A1 A2 A3 1 'yes' 2 'no' / V3 -1 'neg'.
MISSING VALUES V2 (9) / A1 TO A3 (7 THRU 9, 0) V3 (LO THRU 0).
COMPUTE X = V2 + 1.
EXECUTE.
