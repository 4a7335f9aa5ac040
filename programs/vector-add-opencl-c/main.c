/* The sum of two vectors on the first OpenCL device, the kernel of which is in add.cl. */
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>

enum { GROUP = 64, SOURCE_MAX = 65536 };

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
    if (clBuildProgram(program, 1, &device, "", NULL, NULL) != CL_SUCCESS) {
        clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, sizeof log, log, NULL);
        fprintf(stderr, "%s", log);
        exit(1);
    }
    cl_kernel kernel = clCreateKernel(program, "add", &status);
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

static void add(cl_uint n, float *a, float *b, float *c)
{
    cl_device_id device = first_device();
    cl_int status;
    cl_context context = clCreateContext(NULL, 1, &device, NULL, NULL, &status);
    must(status, "context");
    cl_command_queue queue =
        clCreateCommandQueue(context, device, CL_QUEUE_PROFILING_ENABLE, &status);
    must(status, "queue");
    cl_kernel kernel = kernel_from("add.cl", context, device);

    size_t size = n * sizeof *a, group = GROUP, global = (n + group - 1) / group * group;
    cl_mem_flags input = CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR;
    cl_mem in_a = clCreateBuffer(context, input, size, a, &status);
    must(status, "first vector");
    cl_mem in_b = clCreateBuffer(context, input, size, b, &status);
    must(status, "second vector");
    cl_mem out = clCreateBuffer(context, CL_MEM_WRITE_ONLY, size, NULL, &status);
    must(status, "sum");
    float scale = 0.5f;
    must(clSetKernelArg(kernel, 0, sizeof in_a, &in_a), "argument a");
    must(clSetKernelArg(kernel, 1, sizeof in_b, &in_b), "argument b");
    must(clSetKernelArg(kernel, 2, sizeof out, &out), "argument c");
    must(clSetKernelArg(kernel, 3, sizeof scale, &scale), "argument scale");
    must(clSetKernelArg(kernel, 4, sizeof n, &n), "argument count");
    cl_event done;
    must(clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &global, &group, 0, NULL, &done), "run");
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

int main(int argc, char **argv)
{
    unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    if (n == 0 || n > 500000000) {
        fprintf(stderr, "usage: %s N\n", argv[0]);
        return 2;
    }
    float *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b), *c = malloc(n * sizeof *c);
    if (!a || !b || !c)
        return 1;
    for (size_t i = 0; i < n; i++) {
        a[i] = (float)(i % 1000) / 8;
        b[i] = (float)(i % 77) - 38;
    }
    add((cl_uint)n, a, b, c);
    double sum = 0, weighted = 0;
    for (size_t i = 0; i < n; i++) {
        sum += c[i];
        weighted += c[i] * (double)(i % 9);
    }
    printf("sum %.4f\nweighted sum %.4f\n", sum, weighted);
    free(a);
    free(b);
    free(c);
    return 0;
}
