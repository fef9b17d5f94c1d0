import json,sys
def load(p):
    t=open(p).read(); return json.loads(t[t.index('{'):])
a,b=load(sys.argv[1]),load(sys.argv[2])
for part in('held out','blind'):
    for lab in b[part]:
        for k in b[part][lab]:
            if part=='held out' and not k.startswith('every'): continue
            x=a[part].get(lab,{}).get(k,{}); y=b[part][lab][k]
            print(part,lab,k,y['claims'],x.get('supported'),'->',y['supported'])
