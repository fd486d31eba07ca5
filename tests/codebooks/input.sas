libname IPUMS ".";
filename ASCIIDAT "usa_00001.dat";

proc format cntlout = IPUMS.usa_00001_f;

value YEAR_f
  1850 = "1850"
  1860,1870 = "1860s"
  90-<99 = "x"
  other = "else"
;
value $ST_f "A" = "Alpha" 'B'='Be''ta';
run;
* a comment; 
data IPUMS.usa_00001;
infile ASCIIDAT pad missover lrecl=27 firstobs=2;

input
  YEAR        1-4
  PERWT 5-14 .2
  STR $ 15-20
  @21 AGE 3. (A1-A3 B) ($1. +1) @30 D DATE9. C $CHAR4.
;

label
  YEAR     = "Census year"
  AGE = 'Age'
;
attrib STR length=$3 label="String" A1 length=3 label="a one";
format
  YEAR   YEAR_f.
  STR $ST_f.
  AGE 8.2 D date9. C zz.
;
PERWT = PERWT / 10;
if AGE > 99 then AGE = .;
%include "x.sas";
run;
