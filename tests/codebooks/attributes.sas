/* The dialect of census bureaus: attributes before the columns. */
DATA persons;
ATTRIB age length=3 label="Demographics - Age";
attrib sex length=3 label='Demographics - "Sex"' format=sexf.;
INFILE 'x' LRECL=400;
INPUT
@1    hrecord          $CHAR1.
@0002 age 2. sex 1.
#1 @10 (b1-b2) (2*$2.) (c1-c4) (1. +1)
;
PROC FORMAT;
VALUE sexf (default=20) 1='Male' 2='Female' low-0='None' 3-high='Other' .='Missing';
RUN;
CARDS;
1 2 ; label age='no';
;
