/* The product of two square matrices on the first OpenCL device; its kernel is in multiply.cl. */
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>

enum { TILE = 8, SOURCE_MAX = 65536 };

static void must(cl_int status, const char *what)
{
    if (status != CL_SUCCESS) {
        fprintf(stderr, "%s: OpenCL error %d\n", what, (int)status);
        exit(1);
    }
}

static cl_device_id first_device(void)
{
    cl_platform_id platform;
    cl_device_id device;
    char name[256] = "";
    must(clGetPlatformIDs(1, &platform, NULL), "no OpenCL platform");
    must(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL), "no OpenCL device");
    must(clGetDeviceInfo(device, CL_DEVICE_NAME, sizeof name, name, NULL), "no name");
    printf("device %s\n", name);
    return device;
}

static cl_kernel kernel_from(const char *path, cl_context context, cl_device_id device)
{
    static char text[SOURCE_MAX], log[SOURCE_MAX];
    FILE *file = fopen(path, "rb");
    size_t length = file ? fread(text, 1, sizeof text, file) : 0;
    if (file)
        fclose(file);
    if (length == 0) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    cl_int status;
    const char *source = text;
    cl_program program = clCreateProgramWithSource(context, 1, &source, &length, &status);
    must(status, "program");
    char options[32];
    snprintf(options, sizeof options, "-DTILE=%d", TILE);
    if (clBuildProgram(program, 1, &device, options, NULL, NULL) != CL_SUCCESS) {
        clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, sizeof log, log, NULL);
        fprintf(stderr, "%s", log);
        exit(1);
    }
    cl_kernel kernel = clCreateKernel(program, "multiply", &status);
    must(status, "kernel");
    clReleaseProgram(program);
    return kernel;
}

static double seconds_of(cl_event event)
{
    cl_ulong begun = 0, ended = 0;
    clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof begun, &begun, NULL);
    clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof ended, &ended, NULL);
    return 1e-9 * (double)(ended - begun);
}

static void multiply(cl_uint n, float *a, float *b, float *c)
{
    cl_device_id device = first_device();
    cl_int status;
    cl_context context = clCreateContext(NULL, 1, &device, NULL, NULL, &status);
    must(status, "context");
    cl_command_queue queue =
        clCreateCommandQueue(context, device, CL_QUEUE_PROFILING_ENABLE, &status);
    must(status, "queue");
    cl_kernel kernel = kernel_from("multiply.cl", context, device);

    size_t size = (size_t)n * n * sizeof *a, edge = (n + TILE - 1) / TILE * TILE;
    size_t group[] = {TILE, TILE}, global[] = {edge, edge};
    cl_mem_flags input = CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR;
    cl_mem in_a = clCreateBuffer(context, input, size, a, &status);
    must(status, "first matrix");
    cl_mem in_b = clCreateBuffer(context, input, size, b, &status);
    must(status, "second matrix");
    cl_mem out = clCreateBuffer(context, CL_MEM_WRITE_ONLY, size, NULL, &status);
    must(status, "product");
    must(clSetKernelArg(kernel, 0, sizeof in_a, &in_a), "argument a");
    must(clSetKernelArg(kernel, 1, sizeof in_b, &in_b), "argument b");
    must(clSetKernelArg(kernel, 2, sizeof out, &out), "argument c");
    must(clSetKernelArg(kernel, 3, sizeof n, &n), "argument n");
    cl_event done;
    must(clEnqueueNDRangeKernel(queue, kernel, 2, NULL, global, group, 0, NULL, &done), "run");
    must(clEnqueueReadBuffer(queue, out, CL_TRUE, 0, size, c, 0, NULL, NULL), "read");
    printf("seconds %.9f\n", seconds_of(done));

    clReleaseEvent(done);
    clReleaseMemObject(in_a);
    clReleaseMemObject(in_b);
    clReleaseMemObject(out);
    clReleaseKernel(kernel);
    clReleaseCommandQueue(queue);
    clReleaseContext(context);
}

/* An element in sixteenths, so that sums of products are exact and any order gives the same. */
static float small(size_t i, unsigned factor)
{
    return (float)((unsigned)(i + 1) * factor >> 28) / 16 - 0.5f;
}

int main(int argc, char **argv)
{
    unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    if (n == 0 || n > 20000) {
        fprintf(stderr, "usage: %s N\n", argv[0]);
        return 2;
    }
    float *a = malloc(n * n * sizeof *a), *b = malloc(n * n * sizeof *b);
    float *c = malloc(n * n * sizeof *c);
    if (!a || !b || !c)
        return 1;
    for (size_t i = 0; i < n * n; i++) {
        a[i] = small(i, 2654435761u);
        b[i] = small(i, 2246822519u);
    }
    multiply((cl_uint)n, a, b, c);
    double trace = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        trace += c[i * n + i];
        for (size_t j = 0; j < n; j++)
            sum += c[i * n + j] * (double)((i * i + 3 * j) % 11);
    }
    printf("trace %.4f\nweighted sum %.4f\n", trace, sum);
    free(a);
    free(b);
    free(c);
    return 0;
}
