/* c = a b for square matrices: a group of TILE x TILE items makes one tile of c, and loads the
   tiles of a and b that it needs into memory that the group shares. What is beyond the edge of a
   matrix is 0. */
__kernel __attribute__((reqd_work_group_size(TILE, TILE, 1)))
void multiply(__global const float *a, __global const float *b, __global float *c, const uint n)
{
    __local float tile_a[TILE][TILE], tile_b[TILE][TILE];
    const uint column = get_global_id(0), row = get_global_id(1);
    const uint x = get_local_id(0), y = get_local_id(1);
    float sum = 0;
    for (uint at = 0; at < n; at += TILE) {
        tile_a[y][x] = row < n && at + x < n ? a[row * n + at + x] : 0;
        tile_b[y][x] = at + y < n && column < n ? b[(at + y) * n + column] : 0;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (uint k = 0; k < TILE; k++)
            sum += tile_a[y][k] * tile_b[k][x];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (row < n && column < n)
        c[row * n + column] = sum;
}
