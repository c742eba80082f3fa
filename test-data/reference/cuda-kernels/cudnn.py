import onnx, os, shutil
from onnx import helper as h, TensorProto as T, numpy_helper as nh
import numpy as np
shutil.rmtree('cudnn/m',ignore_errors=True); os.makedirs('cudnn/m')
def save(name,node,ins,nout=1,init=(),opset=18,types=None):
    g=h.make_graph([node] if not isinstance(node,list) else node,'g',[h.make_tensor_value_info(n,t,s) for n,t,s in ins],[h.make_tensor_value_info(o,(types or ins[0][1]),None) for o in (node if not isinstance(node,list) else node[-1]).output],list(init))
    open(f'cudnn/m/{name}.onnx','wb').write(h.make_model(g,opset_imports=[h.make_opsetid('',opset),h.make_opsetid('com.microsoft',1)],ir_version=8).SerializeToString())
for op in 'ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare'.split():
    for tn,t in (('f32',T.FLOAT),('f16',T.FLOAT16),('i64',T.INT64),('i32',T.INT32)):
        for an,ax in (('last',[-1]),('first',[0]),('mid',[1]),('all',None),('outer2',[0,2])):
            node=h.make_node(op,['x']+(['a'] if ax else []),['y'],keepdims=1)
            save(f'{op}-{tn}-{an}',node,[('x',t,[2,3,4])],init=[nh.from_array(np.array(ax,dtype=np.int64),'a')] if ax else [])
for n in (64,2048,5000,200000):
    save(f'Softmax-f32-{n}',h.make_node('Softmax',['x'],['y'],axis=-1),[('x',T.FLOAT,[2,n])])
    save(f'LogSoftmax-f32-{n}',h.make_node('LogSoftmax',['x'],['y'],axis=-1),[('x',T.FLOAT,[2,n])])
for eq,s in (('bhqd,bhkd->bhqk',[[1,2,3,4],[1,2,5,4]]),('bqhd,bkhd->bhqk',[[1,3,2,4],[1,5,2,4]]),('ij->i',[[2,3]]),('ij,jk->ik',[[2,3],[3,4]])):
    nm='Einsum-'+eq.replace(',','_').replace('->','_')
    save(nm,h.make_node('Einsum',[f'x{i}' for i in range(len(s))],['y'],equation=eq),[(f'x{i}',T.FLOAT,z) for i,z in enumerate(s)])
save('ArgMax',h.make_node('ArgMax',['x'],['y'],axis=-1),[('x',T.FLOAT,[2,50])],types=T.INT64)
save('ArgMax-f16',h.make_node('ArgMax',['x'],['y'],axis=-1),[('x',T.FLOAT16,[2,50])],types=T.INT64)
save('CumSum',h.make_node('CumSum',['x','k'],['y']),[('x',T.FLOAT,[2,50])],init=[nh.from_array(np.array(1,dtype=np.int64),'k')])
save('LayerNorm',h.make_node('LayerNormalization',['x','s'],['y'],axis=-1),[('x',T.FLOAT,[2,64]),('s',T.FLOAT,[64])])
save('SimplifiedLayerNorm',h.make_node('SimplifiedLayerNormalization',['x','s'],['y'],axis=-1),[('x',T.FLOAT,[2,64]),('s',T.FLOAT,[64])])
save('SkipLN',h.make_node('SkipLayerNormalization',['x','z','s'],['y'],domain='com.microsoft'),[('x',T.FLOAT,[1,2,64]),('z',T.FLOAT,[1,2,64]),('s',T.FLOAT,[64])])
for op in 'Tanh Sigmoid Relu Erf Gelu Softplus Exp Log Sqrt Cos Sin Neg Elu'.split():
    save(op,h.make_node(op,['x'],['y']),[('x',T.FLOAT,[2,64])],opset=20 if op=='Gelu' else 18)
save('Conv',h.make_node('Conv',['x','w'],['y']),[('x',T.FLOAT,[1,2,8]),('w',T.FLOAT,[3,2,3])])
save('BatchNorm',h.make_node('BatchNormalization',['x','a','b','c','d'],['y']),[('x',T.FLOAT,[2,3,4])]+[(k,T.FLOAT,[3]) for k in 'abcd'])
save('InstanceNorm',h.make_node('InstanceNormalization',['x','a','b'],['y']),[('x',T.FLOAT,[2,3,4])]+[(k,T.FLOAT,[3]) for k in 'ab'])
save('MaxPool',h.make_node('MaxPool',['x'],['y'],kernel_shape=[2]),[('x',T.FLOAT,[1,2,8])])
save('AveragePool',h.make_node('AveragePool',['x'],['y'],kernel_shape=[2]),[('x',T.FLOAT,[1,2,8])])
save('MHA',h.make_node('MultiHeadAttention',['q','k','v'],['y'],num_heads=2,domain='com.microsoft'),[('q',T.FLOAT,[1,3,128]),('k',T.FLOAT,[1,3,128]),('v',T.FLOAT,[1,3,128])])
save('Attention23',h.make_node('Attention',['q','k','v'],['y']),[('q',T.FLOAT,[1,2,3,64]),('k',T.FLOAT,[1,2,3,64]),('v',T.FLOAT,[1,2,3,64])],opset=23)
save('Attention23-gqa',h.make_node('Attention',['q','k','v'],['y']),[('q',T.FLOAT,[1,4,3,64]),('k',T.FLOAT,[1,2,3,64]),('v',T.FLOAT,[1,2,3,64])],opset=23)
for bits in (4,8):
    save(f'MatMulNBits{bits}',h.make_node('MatMulNBits',['x','w','s'],['y'],K=64,N=32,bits=bits,block_size=32,domain='com.microsoft'),[('x',T.FLOAT,[1,5,64]),('w',T.UINT8,[32,2,32*bits//8]),('s',T.FLOAT,[64])])
    save(f'MatMulNBits{bits}-scales2d',h.make_node('MatMulNBits',['x','w','s'],['y'],K=64,N=32,bits=bits,block_size=32,domain='com.microsoft'),[('x',T.FLOAT,[1,1,64]),('w',T.UINT8,[32,2,32*bits//8]),('s',T.FLOAT,[32,2])])
    save(f'MatMulNBits{bits}-acc4',h.make_node('MatMulNBits',['x','w','s'],['y'],K=64,N=32,bits=bits,block_size=32,accuracy_level=4,domain='com.microsoft'),[('x',T.FLOAT,[1,5,64]),('w',T.UINT8,[32,2,32*bits//8]),('s',T.FLOAT,[32,2])])
    save(f'GatherBlockQuantized{bits}',h.make_node('GatherBlockQuantized',['w','i','s'],['y'],bits=bits,block_size=32,quantize_axis=1,gather_axis=0,domain='com.microsoft'),[('w',T.UINT8,[10,64*bits//8]),('i',T.INT64,[1,3]),('s',T.FLOAT,[10,2])],types=T.FLOAT)
save('MatMul',h.make_node('MatMul',['x','w'],['y']),[('x',T.FLOAT,[2,3]),('w',T.FLOAT,[3,4])])
