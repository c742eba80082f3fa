"""One-node models for every operator, version and type of cuda.txt, into the folder models; needs the package onnx."""
import onnx, os, sys, re, shutil
from onnx import helper, TensorProto as T
import onnx.defs as d
num=dict(f32=1,u8=2,i8=3,u16=4,i16=5,i32=6,i64=7,string=8,bool=9,f16=10,f64=11,u32=12,u64=13,bf16=16,f8e4m3fn=17,f8e4m3fnuz=18,f8e5m2=19,f8e5m2fnuz=20,u4=21,i4=22,f4e2m1=23)
sets={}; ops=[]
def types(s):
    r=[]
    for m in s.split(','):
        r+= sets[m[1:]] if m[0]=='@' else [m]
    return r
for l in open('../../../runtime/src/main/resources/dev/kvpress/runtime/graph/kernels/cuda.txt'):
    l=l.strip()
    if not l or l[0]=='#': continue
    if l.startswith('set '): _,n,m=l.split(' '); sets[n]=types(m); continue
    f=[x.strip() for x in l.split('|')]
    ops.append(f)
attrs={'Cast':dict(to=None),'Concat':dict(axis=0),'Einsum':dict(equation='ij->ij'),'Gather':dict(axis=0),'LayerNormalization':dict(axis=-1),'OneHot':{},'Flatten':{},'Softmax':{},'EyeLike':{},'RandomNormal':dict(shape=[2,2]),'RandomUniform':dict(shape=[2,2]),
 'GRU':dict(hidden_size=2),'LSTM':dict(hidden_size=2),'RNN':dict(hidden_size=2),'MaxPool':dict(kernel_shape=[1,1]),'AveragePool':dict(kernel_shape=[1,1]),'LRN':dict(size=3),'DepthToSpace':dict(blocksize=2),'SpaceToDepth':dict(blocksize=2),'Upsample':{},
 'com.microsoft.MatMulNBits':dict(K=32,N=32,bits=4,block_size=32),'com.microsoft.GroupQueryAttention':dict(num_heads=2,kv_num_heads=1),'com.microsoft.GatherBlockQuantized':dict(block_size=32),'com.microsoft.MultiHeadAttention':dict(num_heads=2),'com.microsoft.Attention':dict(num_heads=2),'com.microsoft.MatMulBnb4':dict(K=32,N=32,block_size=32,quant_type=1)}
out='models'; shutil.rmtree(out,ignore_errors=True); os.makedirs(out)
allt=[t for t in num if t not in('string',)]
n=0; skipped=set()
manifest=open('manifest.txt','w')
for f in ops:
    dom,op=f[0].rsplit('.',1)
    std=dom=='ai.onnx'
    if std and op in('If','Loop','Scan','SimplifiedLayerNormalization','Scatter','Upsample','Resize'): continue
    vs=[int(v) for v in f[1].split(',')]
    ins,outs=[x.split() for x in f[2].split('>')]
    vars_=sorted({x.rstrip('*') for x in ins+outs if x[0].isupper()})
    for v in vs:
        if std and v<7: continue
        if v>24 and std: opset=v
        opset=v if std else 18
        if opset>26: continue
        if std:
            try: sch=d.get_schema(op,opset,'')
            except Exception: skipped.add(op); continue
            nin=max(sch.min_input,1 if sch.max_input and ins else 0)
        else: nin=len([i for i in ins])
        # types per var
        base={}
        def variants():
            default={x:('i32' if x in('Tind','T2') and op in('Gather','GatherElements','CumSum') else 'f32') for x in vars_}
            for k in f[3:]:
                w=k.split()
                if w[0]in('!','none'): continue
                for a in w[1:]:
                    nme,s=a.split('=')
                    ts=types(s)
                    default[nme]= 'f32' if 'f32' in ts else 'f16' if 'f16' in ts else ts[0]
                break
            seen=set()
            if not vars_: yield default; return
            for x in vars_:
                for t in allt:
                    c=dict(default); c[x]=t
                    # tie unrelated vars for contribs with one type
                    key=tuple(sorted(c.items()))
                    if key in seen: continue
                    seen.add(key); yield c
        for b in variants():
            def ty(x): x=x.rstrip('*'); return b[x] if x[0].isupper() else x
            at=dict(attrs.get(op if std else f[0],{}))
            if op=='Cast': at['to']=num[b['T2']]
            if op=='ConstantOfShape': 
                try: at['value']=helper.make_tensor('v',num[b['T2']],[1],[1])
                except Exception: continue
            if op in('EyeLike','RandomNormal','RandomUniform','RandomNormalLike','RandomUniformLike'):
                at['dtype']=num[b.get('T2',b.get('T'))]
            use=ins[:nin] if std else ins
            if op in ('Reshape','Tile','Expand','Squeeze','Unsqueeze','TopK','Slice') and std: use=ins[:nin]
            if op in('Unsqueeze','Squeeze') and v<13: at['axes']=[0]
            if op=='Slice' and v<10: at.update(starts=[0],ends=[1])
            if op in('Max','Min','Sum','Concat','Einsum'): use=['T']
            if op=='Pad' and v<11: at['pads']=[0,0,0,0]
            if op=='TopK' and v<10: at['k']=1
            iv=[helper.make_tensor_value_info(f'i{k}',num[ty(x)],None) for k,x in enumerate(use)]
            no=1 if std else (len(outs) if op in('GroupQueryAttention',) else 1)
            if op=='GroupQueryAttention': no=3
            if op=='TopK': no=2
            ov=[helper.make_tensor_value_info(f'o{k}',num[ty(outs[min(k,len(outs)-1)])],None) for k in range(no)]
            node=helper.make_node(op,[i.name for i in iv],[o.name for o in ov],domain='' if std else dom,**at)
            g=helper.make_graph([node],'g',iv,ov)
            oi=[helper.make_opsetid('',opset)]+([] if std else [helper.make_opsetid(dom,1)])
            m=helper.make_model(g,opset_imports=oi,ir_version=10 if opset<25 else 11)
            name=f'{n:05d}.onnx'; open(f'{out}/{name}','wb').write(m.SerializeToString())
            manifest.write(f'{name}\t{f[0]}\t{v}\t'+','.join(f'{k}={b[k]}' for k in sorted(b))+'\n'); n+=1
print(n,skipped)
