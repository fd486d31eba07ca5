data x;
INPUT @1 rectype 1. @;        /* Hold the data line */
if rectype = 1 then do;       /* HOUSEHOLD RECORDS  */
INPUT
@1    hrecord          1. 
@2    h_seq            5. 
;
end;
else if rectype = 2 then do;
INPUT @1 precord 1. @2 h_seq 5. @7 wt 8.2 ;
output;
end;
run;
