import ai.onnxruntime.*;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.nio.*; import java.nio.file.*; import java.util.*;
public class RunAll { public static void main(String[] a) throws Exception {
  OrtEnvironment env = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "x");
  for (String f : a) { String n=Path.of(f).getFileName().toString().replace(".onnx",""); try (OrtSession.SessionOptions o = new OrtSession.SessionOptions()) {
    o.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL); o.addConfigEntry("session.disable_cpu_ep_fallback","1");
    try (OrtCUDAProviderOptions c = new OrtCUDAProviderOptions(0)) { o.addCUDA(c); }
    try (OrtSession s = env.createSession(f, o)) {
    Map<String,OnnxTensor> in=new HashMap<>();
    for (var e : s.getInputInfo().entrySet()) { TensorInfo t=(TensorInfo)e.getValue().getInfo(); int k=1; for(long d:t.getShape()) k*=d;
      int w=switch(t.type){case INT64->8;case FLOAT,INT32->4;case FLOAT16,BFLOAT16->2;default->1;};
      in.put(e.getKey(), OnnxTensor.createTensor(env,ByteBuffer.allocateDirect(k*w).order(ByteOrder.nativeOrder()),t.getShape(),t.type)); }
    s.run(in); System.out.println("ok      "+n); }
  } catch (OrtException e) { String m=e.getMessage().replace('\n',' '); System.out.println((m.contains("cuDNN")||m.contains("cudnn")?"CUDNN   ":m.contains("disable_cpu")||m.contains("fallback")?"CPU     ":"error   ")+n+"  "+(m.contains("cuDNN")?"":m.substring(0,Math.min(220,m.length())))); } } } }
