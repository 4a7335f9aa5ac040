/* c = a + scale b, one element each. */
__kernel void add(__global const float *a, __global const float *b, __global float *c,
                  const float scale, const uint count)
{
    size_t i = get_global_id(0);
    if (i < count)
        c[i] = a[i] + scale * b[i];
}
