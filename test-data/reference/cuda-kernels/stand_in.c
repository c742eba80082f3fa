// What the CUDA runtime would do with memory, on the host; all else is written by stand_in.py. Part of
// a source that has the headers already.
#define S size_t
static S up=0,down=0,dev=0,host=0; static long nup=0,ndown=0;
int cudaMalloc(void**p,S n){*p=calloc(1,n?n:1);return 0;}
int cudaMallocHost(void**p,S n){*p=calloc(1,n?n:1);return 0;}
int cudaHostAlloc(void**p,S n,unsigned f){*p=calloc(1,n?n:1);return 0;}
int cudaMallocFromPoolAsync(void**p,S n,void*a,void*b){*p=calloc(1,n?n:1);return 0;}
int cudaFree(void*p){free(p);return 0;}
int cudaFreeHost(void*p){free(p);return 0;}
int cudaFreeAsync(void*p,void*s){free(p);return 0;}
static void count(S n,int k){ if(k==1){up+=n;nup++;} else if(k==2){down+=n;ndown++;} else if(k==3) dev+=n; else host+=n; if(getenv("STUB_TRACE")&&(k==1||k==2)&&n>=atol(getenv("STUB_TRACE"))) fprintf(stderr,"STUB copy kind %d bytes %zu\n",k,n);}
int cudaMemcpy(void*d,const void*s,S n,int k){memmove(d,s,n);count(n,k);return 0;}
int cudaMemcpyAsync(void*d,const void*s,S n,int k,void*st){memmove(d,s,n);count(n,k);return 0;}
int cudaMemset(void*d,int v,S n){memset(d,v,n);return 0;}
int cudaMemsetAsync(void*d,int v,S n,void*s){memset(d,v,n);return 0;}
int cudaGetDeviceCount(int*n){*n=1;return 0;}
int cudaGetDevice(int*n){*n=0;return 0;}
struct P{char name[256];char uuid[16];char luid[8];unsigned mask;S total;S shared;int regs;int warp;S pitch;int maxthreads;int dim[3];int grid[3];int clock;S constm;int major;int minor;S texAlign;S texPitch;int overlap;int mp;};
int cudaGetDeviceProperties_v2(struct P*p,int d){memset(p,0,1000);strcpy(p->name,"stub");p->total=16ul<<30;p->shared=49152;p->regs=65536;p->warp=32;p->maxthreads=1024;p->dim[0]=p->dim[1]=1024;p->dim[2]=64;p->grid[0]=2147483647;p->grid[1]=p->grid[2]=65535;p->major=8;p->minor=0;p->mp=108;return 0;}
int cudaDeviceGetAttribute(int*v,int a,int d){*v=a==75?8:a==76?0:1024;return 0;}
int cudaMemGetInfo(S*f,S*t){*f=12ul<<30;*t=16ul<<30;return 0;}
int cudaRuntimeGetVersion(int*v){*v=12080;return 0;}
int cudaDriverGetVersion(int*v){*v=12080;return 0;}
int cudaStreamCreate(void**s){*s=malloc(8);return 0;}
int cudaStreamCreateWithFlags(void**s,unsigned f){*s=malloc(8);return 0;}
int cudaEventCreate(void**s){*s=malloc(8);return 0;}
int cudaEventCreateWithFlags(void**s,unsigned f){*s=malloc(8);return 0;}
int cudaEventElapsedTime(float*f,void*a,void*b){*f=1;return 0;}
int cudaStreamIsCapturing(void*s,int*c){*c=0;return 0;}
int cudaFuncGetAttributes(void*a,const void*f){memset(a,0,56);return 0;}
int cudaMemPoolCreate(void**p,void*a){*p=malloc(8);return 0;}
int cudaMemPoolGetAttribute(void*p,int a,void*v){memset(v,0,8);return 0;}
int cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int*n,void*f,int b,S s,unsigned fl){*n=1;return 0;}
void** __cudaRegisterFatBinary(void*f){return calloc(1,64);}
int nothing(){return 0;}
int cudaGetDriverEntryPoint(const char*s,void**f,unsigned long fl,int*q){*f=nothing;if(q)*q=0;return 0;}
int cudaLaunchHostFunc(void*s,void(*f)(void*),void*d){f(d);return 0;}
void stub_report(S*o){o[0]=up;o[1]=nup;o[2]=down;o[3]=ndown;o[4]=dev;}
int cudaMemcpy2DAsync(void*d,S dp,const void*s,S sp,S w,S h,int k,void*st){S i;for(i=0;i<h;i++)memmove((char*)d+i*dp,(char*)s+i*sp,w);count(w*h,k);return 0;}
__attribute__((destructor)) static void report(){fprintf(stderr,"STUB h2d %zu bytes in %ld copies, d2h %zu in %ld, d2d %zu\n",up,nup,down,ndown,dev);}
