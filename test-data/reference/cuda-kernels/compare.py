"""Holds what the library said (probe.log) against what the table says of the same graphs."""
import re,collections
man={l.split('\t')[0]:l.strip().split('\t')[1:] for l in open('manifest.txt')}
cur=None; res={}
for l in open('probe.log'):
    m=re.match(r'### (\d+\.onnx) TABLE (.*)',l)
    if m: cur=m[1]; res[cur]=[m[2],False,None]; continue
    if l.startswith('### ERR'): res[cur][2]=l[8:160].strip(); continue
    if 'not found in reg' in l: res[cur][1]=True
agree=0; bad=collections.defaultdict(list); err=collections.Counter(); erred=collections.Counter()
ok=set()
for k,(t,nf,e) in res.items():
    op,v,ty=man[k][0],man[k][1],(man[k]+[''])[2]
    if e and not nf:
        if 'Could not find an impl' in e or 'NOT_IMPLEMENTED' in e: pass
        else:
            err[(op,re.sub(r'[0-9.]+','N',e)[:110])]+=1; erred[op]+=1; continue
    pred = t=='[]'
    if pred==(not nf): agree+=1; ok.add((op,v))
    else: bad[(op,v,'table says kernel' if pred else 'table says none')].append(ty)
print('agree',agree,'disagree',sum(map(len,bad.values())),'unjudged',sum(err.values()))
for k,v in sorted(bad.items()): print(k,len(v),v[:6])
print('--- unjudged'); 
for k,v in err.most_common(60): print(v,k)
