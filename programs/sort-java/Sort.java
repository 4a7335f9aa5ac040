import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32;

/** Three ways to sort numbers, each of which must give what the others give. */
public final class Sort {
    private interface Way {
        void sort(int[] values);
    }

    private static int[] numbers(int count) {
        int[] values = new int[count];
        int state = 1;
        for (int i = 0; i < count; i++) {
            state ^= state << 13;
            state ^= state >>> 17;
            state ^= state << 5;
            values[i] = state;
        }
        return values;
    }

    /** Around a value in the middle of three, the smaller half by recursion. */
    private static void quick(int[] values, int first, int last) {
        while (first < last) {
            int pivot = middle(values[first], values[(first + last) >>> 1], values[last]);
            int left = first;
            int right = last;
            while (left <= right) {
                while (values[left] < pivot) left++;
                while (values[right] > pivot) right--;
                if (left <= right) {
                    int kept = values[left];
                    values[left++] = values[right];
                    values[right--] = kept;
                }
            }
            if (right - first < last - left) {
                quick(values, first, right);
                first = left;
            } else {
                quick(values, left, last);
                last = right;
            }
        }
    }

    private static int middle(int a, int b, int c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }

    /** Byte by byte from the last, each pass keeping the order of the one before. */
    private static void radix(int[] values) {
        int[] from = values;
        int[] to = new int[values.length];
        for (int shift = 0; shift < 32; shift += 8) {
            int[] start = new int[257];
            for (int value : from) start[digit(value, shift) + 1]++;
            for (int i = 0; i < 256; i++) start[i + 1] += start[i];
            for (int value : from) to[start[digit(value, shift)]++] = value;
            int[] kept = from;
            from = to;
            to = kept;
        }
    }

    /** A byte of a number, the sign turned so that negative ones come first. */
    private static int digit(int value, int shift) {
        return ((value ^ Integer.MIN_VALUE) >>> shift) & 0xFF;
    }

    private static void report(String name, Way way, int count) {
        int[] values = numbers(count);
        long begun = System.nanoTime();
        way.sort(values);
        double seconds = (System.nanoTime() - begun) * 1e-9;
        ByteBuffer bytes = ByteBuffer.allocate(4 * count);
        bytes.asIntBuffer().put(values);
        CRC32 crc = new CRC32();
        crc.update(bytes.array());
        System.out.printf(Locale.ROOT, "%s least %d most %d crc32 %08x%n", name, values[0],
                values[count - 1], crc.getValue());
        System.out.printf(Locale.ROOT, "%s seconds %.6f%n", name, seconds);
    }

    public static void main(String[] arguments) {
        int count = arguments.length == 1 && arguments[0].matches("[1-9]\\d{0,7}")
                ? Integer.parseInt(arguments[0]) : 0;
        if (count == 0) {
            System.err.println("usage: sort-java COUNT");
            System.exit(2);
        }
        report("quick", values -> quick(values, 0, values.length - 1), count);
        report("radix", Sort::radix, count);
        report("library", Arrays::sort, count);
    }
}
