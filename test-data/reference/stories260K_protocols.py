"""Independent float64 reference for the protocols of compare, on stories260K: python3 stories260K_protocols.py SHARED_FOLDER (needs numpy)."""
import copy, json, struct, sys
import numpy as np

shared = sys.argv[1]
f=open(shared + '/models/stories260K/stories260K.bin','rb').read()
dim,hid,L,H,G,V,S0=struct.unpack('<7i',f[:28]); D=dim//H; o=28
def take(*sh):
    global o
    n=int(np.prod(sh)); a=np.frombuffer(f,'<f4',n,o).reshape(sh).astype(np.float64); o+=4*n; return a
emb=take(V,dim); an=take(L,dim); wq=take(L,H*D,dim); wk=take(L,G*D,dim); wv=take(L,G*D,dim); wo=take(L,dim,H*D); fn=take(L,dim)
w1=take(L,hid,dim); w2=take(L,dim,hid); w3=take(L,hid,dim); norm=take(dim)
rms=lambda x,w: x/np.sqrt((x*x).mean(-1,keepdims=True)+1e-5)*w
def rope(x,pos): # [n,h,D]
    fr=10000.0**(-2*np.arange(D//2)/D); a=pos[:,None]*fr; c,s=np.cos(a)[:,None],np.sin(a)[:,None]
    y=np.empty_like(x); y[...,0::2]=x[...,0::2]*c-x[...,1::2]*s; y[...,1::2]=x[...,0::2]*s+x[...,1::2]*c; return y
class Cache:
    def __init__(s): s.k=[[np.zeros((0,D)) for g in range(G)] for l in range(L)]; s.v=[[np.zeros((0,D)) for g in range(G)] for l in range(L)]; s.pos=[[np.zeros(0,int) for g in range(G)] for l in range(L)]; s.acc=[[np.zeros((H//G,0)) for g in range(G)] for l in range(L)]; s.last=[[None]*G for l in range(L)]; s.seen=0
def fwd(c,ids):
    n=len(ids); pos=np.arange(c.seen,c.seen+n); x=emb[ids]
    for l in range(L):
        h=rms(x,an[l]); q=rope((h@wq[l].T).reshape(n,H,D),pos); k=rope((h@wk[l].T).reshape(n,G,D),pos); v=(h@wv[l].T).reshape(n,G,D)
        out=np.zeros((n,H,D))
        for g in range(G):
            c.k[l][g]=np.concatenate([c.k[l][g],k[:,g]]); c.v[l][g]=np.concatenate([c.v[l][g],v[:,g]]); c.pos[l][g]=np.concatenate([c.pos[l][g],pos])
            c.acc[l][g]=np.concatenate([c.acc[l][g],np.zeros((H//G,n))],1); rows=[]
            for j in range(H//G):
                hh=g*(H//G)+j; sc=q[:,hh]@c.k[l][g].T/np.sqrt(D); sc=np.where(c.pos[l][g][None]<=pos[:,None],sc,-1e30); sc-=sc.max(1,keepdims=True); p=np.exp(sc); p/=p.sum(1,keepdims=True)
                out[:,hh]=p@c.v[l][g]; c.acc[l][g][j]+=p.sum(0); rows.append(p)
            c.last[l][g]=np.stack(rows)
        x=x+out.reshape(n,-1)@wo[l].T
        h=rms(x,fn[l]); a=h@w1[l].T; x=x+((a/(1+np.exp(-a)))*(h@w3[l].T))@w2[l].T
    c.seen+=n
    return rms(x,norm)@emb.T
def keep(c,l,g,idx):
    idx=np.sort(idx); c.k[l][g]=c.k[l][g][idx]; c.v[l][g]=c.v[l][g][idx]; c.pos[l][g]=c.pos[l][g][idx]; c.acc[l][g]=c.acc[l][g][:,idx]; c.last[l][g]=c.last[l][g][:,:,idx]
def knorm_top(s,k): # rotation keeps norms: scores equal to rounding are ties, and the most recent token wins
    cut=np.sort(s)[::-1][k-1]; return top(np.where(np.abs(s-cut)<=1e-9*abs(cut),cut,s),k)
def top(s,k):
    n=len(s); order=sorted(range(n),key=lambda i:(-s[i],-i)); return np.array(order[:k],int)
def nll(lg,t):
    m=lg.max(); return m+np.log(np.exp(lg-m).sum())-lg[t]
ids=np.array(json.load(open(shared + '/reference/stories260K-parity.json'))['samples'][0]['ids'])
res={}
base=Cache(); last=fwd(base,ids[:384])[-1]
def cont(c):
    lg=fwd(c,ids[384:511]); s=[nll(lg[i],ids[385+i]) for i in range(127)]
    return dict(nll128=(sum(s)+nll(last,ids[384]))/128,nll127=sum(s)/127)
def obs(c,l,g): return (c.acc[l][g]/(c.seen-c.pos[l][g])[None]).mean(0)
for r in (0.6,0.9):
    K=max(1,int(384*(1-r)))
    c=copy.deepcopy(base)
    for l in range(L):
        for g in range(G): keep(c,l,g,knorm_top(-np.linalg.norm(c.k[l][g],axis=1),K))
    res[f'knorm@{r}']=cont(c)
    c=copy.deepcopy(base)
    for l in range(L):
        s=np.mean([c.last[l][g][:,-1] for g in range(G)],axis=(0,1)); s=s.copy(); s[-1]=1e9
        for g in range(G): keep(c,l,g,top(s,K))
    res[f'tova@{r}']=cont(c)
for th in (0.0005,0.002,0.01):
    c=copy.deepcopy(base); kept=0
    for l in range(L):
        for g in range(G):
            s=obs(c,l,g); idx=[i for i in range(384) if i>=384-32 or s[i]>=th]; kept+=len(idx); keep(c,l,g,np.array(idx,int))
    d=cont(c); d['achieved']=1-kept/(384*L*G); res[f'dms(observed_attention,threshold={th},sliding_window_size=32)']=d
def stream(evict,ctx=384):
    c=Cache(); a=[];
    for i in range(511):
        lg=fwd(c,ids[i:i+1])[0]; evict(c); a.append(nll(lg,ids[i+1]))
        if i==ctx-1: ach=1-sum(len(c.pos[l][g]) for l in range(L) for g in range(G))/(ctx*L*G)
    return dict(nll=float(np.mean(a)),nll_compressed=float(np.mean(a[ctx-1:])),achieved=ach)
def h2o(hh,rec,norm):
    def ev(c):
        for l in range(L):
            for g in range(G):
                n=len(c.pos[l][g])
                if n<=hh+rec: continue
                s=obs(c,l,g) if norm else c.acc[l][g].mean(0)
                keep(c,l,g,np.concatenate([top(s[:n-rec],hh),np.arange(n-rec,n)]))
    return ev
res['stream h2o(hh_size=16,recent_size=32)']=stream(h2o(16,32,True))
res['stream h2o(hh_size=16,recent_size=32,normalize=false)']=stream(h2o(16,32,False))
def h2or(r,w):
    def ev(c):
        K=max(1,int(c.seen*(1-r)))
        for l in range(L):
            for g in range(G):
                n=len(c.pos[l][g])
                if n<=K: continue
                s=obs(c,l,g).copy(); s[max(0,n-w):]=1e9
                keep(c,l,g,top(s,K))
    return ev
res['stream h2o(local_window_size=16)@0.6']=stream(h2or(0.6,16))
def dmsd(th,w):
    def ev(c):
        t=c.seen
        for l in range(L):
            for g in range(G):
                s=obs(c,l,g); p=c.pos[l][g]
                judge=(p>=t-1-w)&(p<t-w)
                keep(c,l,g,np.where(~(judge&(s<th)))[0])
    return ev
res['stream dms(observed_attention,threshold=0.002,sliding_window_size=32,decoding=true)']=stream(dmsd(0.002,32))
res['stream baseline']=stream(lambda c:None)
print(json.dumps(res,indent=1))
