// The modulated deformable convolution and its gradients on a CPU; see native.py for the callers.
//
// All work goes channel by channel. A channel's input is copied once into a plane with a rim of
// zeros, so that reading needs no test for the border; a plane's cell (row, column) holds the
// value there and the one below, so that 16 bytes are the four corners of a bilinear read.
// Arrays are dense and row-major, accumulation is in float32, and sums are taken in an order
// that does not depend on the number of threads.

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

#include "simd.h"

// As native.py fills it: sizes, and pairs as (vertical, horizontal).
struct Sizes {
    int64_t batch, channels, height, width, outputs, out_height, out_width;
    int64_t kernel[2], stride[2], padding[2], dilation[2];
    int64_t groups, offset_groups;

    int64_t taps() const { return kernel[0] * kernel[1]; }
    int64_t pixels() const { return out_height * out_width; }
    int64_t share() const { return channels / offset_groups; }
    int64_t group_inputs() const { return channels / groups; }
    int64_t group_outputs() const { return outputs / groups; }
    int64_t cells_across() const { return width + 4; }
    int64_t cells() const { return (height + 3) * cells_across(); }
};

namespace {

constexpr int64_t RIM = 2;          // cells of zeros before the first row and column
constexpr int64_t STRIP = 8192;     // pixels of one piece of work, so that sums stay in cache
constexpr int64_t BLOCK = 4;        // rows of lanes handled together going backward

using Floats = std::vector<float>;

// Runs work(item) for all items on the given number of threads; false where one failed.
template <typename Work>
bool share_out(int64_t items, int64_t threads, const Work& work) {
    std::atomic<int64_t> next{0};
    std::atomic<bool> fine{true};
    const auto loop = [&] {
        try {
            auto scratch = work.scratch();
            for (int64_t item; (item = next.fetch_add(1)) < items;) work(item, scratch);
        } catch (const std::exception&) {
            fine = false;
        }
    };
    std::vector<std::thread> helpers;
    try {
        for (int64_t i = 1; i < std::min(items, threads); ++i) helpers.emplace_back(loop);
    } catch (const std::exception&) {
        // No more threads to be had: those that run, and this one, do the work.
    }
    loop();
    for (auto& helper : helpers) helper.join();
    return fine;
}

// Where output pixels first..last rest in the plane, rim included, and how far a tap lies.
struct Rest {
    std::vector<int32_t> row, column, tap_row, tap_column;

    Rest(const Sizes& s, int64_t first, int64_t last)
        : row(last - first + LANES),
          column(last - first + LANES),
          tap_row(s.taps()),
          tap_column(s.taps()) {
        for (int64_t tap = 0; tap < s.taps(); ++tap) {
            tap_row[tap] = tap / s.kernel[1] * s.dilation[0];
            tap_column[tap] = tap % s.kernel[1] * s.dilation[1];
        }
        for (int64_t p = first; p < last; ++p) {
            row[p - first] = p / s.out_width * s.stride[0] - s.padding[0] + RIM;
            column[p - first] = p % s.out_width * s.stride[1] - s.padding[1] + RIM;
        }
    }
};

void fill_plane(const Sizes& s, const float* image, float* plane) {
    const int64_t across = s.cells_across();
    std::fill(plane, plane + 2 * s.cells(), 0.0f);
    for (int64_t y = 0; y < s.height; ++y) {
        float* below = plane + 2 * ((y + RIM) * across + RIM);
        float* above = below - 2 * across + 1;
        const float* from = image + y * s.width;
        for (int64_t x = 0; x < s.width; ++x) below[2 * x] = above[2 * x] = from[x];
    }
}

// One image from the gradients of its cells' corners.
void fold_cells(const Sizes& s, const float* cells, float* image) {
    const int64_t across = 4 * s.cells_across();
    for (int64_t y = 0; y < s.height; ++y) {
        const float* here = cells + (y + RIM) * across + 4 * RIM;
        const float* above = here - across;
        for (int64_t x = 0; x < s.width; ++x)
            image[y * s.width + x] = (here[4 * x] + above[4 * x + 1]) +
                                     (here[4 * x - 4 + 2] + above[4 * x - 4 + 3]);
    }
}

// Offsets and masks of one offset group in one image.
template <typename T>
struct Fields {
    const T* offset;
    const T* mask;
    int64_t pixels;

    Fields(const Sizes& s, const T* offsets, const T* masks, int64_t n, int64_t g)
        : offset(offsets + (n * s.offset_groups + g) * s.taps() * 2 * s.pixels()),
          mask(masks ? masks + (n * s.offset_groups + g) * s.taps() * s.pixels() : nullptr),
          pixels(s.pixels()) {}

    INLINE Row down(int64_t tap, int64_t p, int count) const {
        return load(offset + 2 * tap * pixels + p, count);
    }
    INLINE Row right(int64_t tap, int64_t p, int count) const {
        return load(offset + (2 * tap + 1) * pixels + p, count);
    }
    INLINE Row strength(int64_t tap, int64_t p, int count) const {
        return mask ? load(mask + tap * pixels + p, count) : splat(1.0f);
    }
};

// A bilinear read of LANES pixels at once.
struct Reading {
    Index cell;
    Row down, right;
    Corners at;
    Row across_top, across_bottom, top, bottom, value;

    template <typename T>
    INLINE Reading(const Sizes& s, const float* plane, const Fields<T>& fields, const Rest& rest,
                   int64_t tap, int64_t p, int64_t first, int count) {
        const Row moved_down = fields.down(tap, p, count);
        const Row moved_right = fields.right(tap, p, count);
        const Row whole_down = floor_of(moved_down), whole_right = floor_of(moved_right);
        const Index row =
            load_index(&rest.row[p - first]) + rest.tap_row[tap] + whole(whole_down);
        const Index column =
            load_index(&rest.column[p - first]) + rest.tap_column[tap] + whole(whole_right);
        cell = clamp(row, splat_index(s.height + RIM)) *
                   splat_index(static_cast<int32_t>(s.cells_across())) +
               clamp(column, splat_index(s.width + RIM));
        down = moved_down - whole_down;
        right = moved_right - whole_right;
        at = read_corners(plane, cell);
        across_top = at.top_right - at.top_left;
        across_bottom = at.bottom_right - at.bottom_left;
        top = at.top_left + right * across_top;
        bottom = at.bottom_left + right * across_bottom;
        value = top + down * (bottom - top);
    }
};

// sums[o] += weight[o] . values for COUNT outputs next to each other.
template <int TAPS, int COUNT>
INLINE void add_products(float* sums, int64_t sums_apart, const float* weight,
                         int64_t weight_apart, const Row* values, int64_t taps) {
    Row sum[COUNT];
    for (int o = 0; o < COUNT; ++o) sum[o] = load_full(sums + o * sums_apart);
#pragma GCC unroll 9
    for (int64_t tap = 0; tap < (TAPS ? TAPS : taps); ++tap)
        for (int o = 0; o < COUNT; ++o)
            sum[o] += splat(weight[o * weight_apart + tap]) * values[tap];
    for (int o = 0; o < COUNT; ++o) store(sums + o * sums_apart, sum[o], LANES);
}

template <typename T, int TAPS>
struct Forward {
    const Sizes& s;
    const float *x, *weight, *bias;
    const T *offset, *mask;
    float* out;
    int64_t strips, strip;

    struct Scratch {
        Floats plane, sums;
        std::vector<Row> values;
    };

    Scratch scratch() const {
        return {Floats(2 * s.cells()), Floats(s.outputs * (strip + LANES)),
                std::vector<Row>(s.taps())};
    }

    void operator()(int64_t item, Scratch& own) const {
        const int64_t n = item / strips, first = item % strips * strip;
        const int64_t last = std::min(first + strip, s.pixels()), apart = strip + LANES;
        if (first >= last) return;
        const Rest rest(s, first, last);
        for (int64_t o = 0; o < s.outputs; ++o)
            std::fill_n(&own.sums[o * apart], apart, bias ? bias[o] : 0.0f);
        for (int64_t c = 0; c < s.channels; ++c) {
            fill_plane(s, x + (n * s.channels + c) * s.height * s.width, own.plane.data());
            add_channel(n, c, first, last, rest, own);
        }
        for (int64_t o = 0; o < s.outputs; ++o)
            std::copy_n(&own.sums[o * apart], last - first,
                        out + (n * s.outputs + o) * s.pixels() + first);
    }

    void add_channel(int64_t n, int64_t c, int64_t first, int64_t last, const Rest& rest,
                     Scratch& own) const {
        const int64_t taps = TAPS ? TAPS : s.taps(), apart = strip + LANES;
        const int64_t group = c / s.group_inputs(), outputs = s.group_outputs();
        const int64_t weight_apart = s.group_inputs() * taps;
        const Fields<T> fields(s, offset, mask, n, c / s.share());
        const float* kernel =
            weight + group * outputs * weight_apart + c % s.group_inputs() * taps;
        float* sums = &own.sums[group * outputs * apart];
        Row* values = own.values.data();
        for (int64_t p = first; p < last; p += LANES) {
            const int count = std::min<int64_t>(LANES, last - p);
            for (int64_t tap = 0; tap < taps; ++tap)
                values[tap] =
                    Reading(s, own.plane.data(), fields, rest, tap, p, first, count).value *
                    fields.strength(tap, p, count);
            float* to = sums + (p - first);
            int64_t o = 0;
            for (; o + 4 <= outputs; o += 4)
                add_products<TAPS, 4>(to + o * apart, apart, kernel + o * weight_apart,
                                      weight_apart, values, taps);
            for (; o < outputs; ++o)
                add_products<TAPS, 1>(to + o * apart, apart, kernel + o * weight_apart,
                                      weight_apart, values, taps);
        }
    }
};

// One image and offset group at a time; every gradient is written by one item alone.
template <typename T, int TAPS>
struct Backward {
    const Sizes& s;
    const float *x, *weight, *grad;
    const T *offset, *mask;
    float *grad_x, *grad_offset, *grad_mask;
    float* grad_weight;  // one for each image: [N, O, C / groups, taps]
    const Rest& rest;

    struct Scratch {
        Floats plane, cells;
        std::vector<Row> values, wanted, weight_sums;
    };

    Scratch scratch() const {
        return {Floats(2 * s.cells()), Floats(4 * s.cells()),
                std::vector<Row>(s.taps() * BLOCK), std::vector<Row>(s.taps() * BLOCK),
                std::vector<Row>(s.taps() * s.group_outputs())};
    }

    void operator()(int64_t item, Scratch& own) const {
        const int64_t n = item / s.offset_groups, g = item % s.offset_groups;
        for (int64_t c = g * s.share(); c < (g + 1) * s.share(); ++c) channel(n, g, c, own);
    }

    void channel(int64_t n, int64_t g, int64_t c, Scratch& own) const {
        const int64_t area = s.height * s.width, image = n * s.channels + c;
        const int64_t taps = TAPS ? TAPS : s.taps(), outputs = s.group_outputs();
        const int64_t group = c / s.group_inputs(), kernel_size = s.group_inputs() * taps;
        const int64_t kernel_at = group * outputs * kernel_size + c % s.group_inputs() * taps;
        const float* from = grad + (n * s.outputs + group * outputs) * s.pixels();
        const bool again = c > g * s.share();
        fill_plane(s, x + image * area, own.plane.data());
        std::fill(own.cells.begin(), own.cells.end(), 0.0f);
        std::fill(own.weight_sums.begin(), own.weight_sums.end(), splat(0.0f));
        for (int64_t p = 0; p < s.pixels(); p += LANES * BLOCK) {
            const int64_t left = s.pixels() - p;
            const int64_t rows = std::min<int64_t>(BLOCK, (left + LANES - 1) / LANES);
            for (int64_t r = 0; r < rows; ++r) {
                const int count = std::min<int64_t>(LANES, left - r * LANES);
                const int64_t at = p + r * LANES;
                want(from + at, weight + kernel_at, kernel_size, count, own.wanted.data(), taps);
                taps_of(n, g, at, count, again, own, r, taps);
            }
            for (int64_t o = 0; o < outputs; ++o)
                add_weight(from + o * s.pixels() + p, left, rows, own, o, taps);
        }
        fold_cells(s, own.cells.data(), grad_x + image * area);
        float* to = grad_weight + n * s.outputs * kernel_size + kernel_at;
        for (int64_t o = 0; o < outputs; ++o)
            for (int64_t tap = 0; tap < taps; ++tap)
                to[o * kernel_size + tap] = sum_of(own.weight_sums[o * taps + tap]);
    }

    // wanted[tap]: the gradient of what the tap passes on.
    INLINE void want(const float* from, const float* kernel, int64_t kernel_size, int count,
                     Row* wanted, int64_t taps) const {
        if (TAPS) {
            Row sum[TAPS ? TAPS : 1];
            for (int tap = 0; tap < TAPS; ++tap) sum[tap] = splat(0.0f);
            for (int64_t o = 0; o < s.group_outputs(); ++o) {
                const Row above = load(from + o * s.pixels(), count);
#pragma GCC unroll 9
                for (int tap = 0; tap < TAPS; ++tap)
                    sum[tap] += splat(kernel[o * kernel_size + tap]) * above;
            }
            for (int tap = 0; tap < TAPS; ++tap) wanted[tap] = sum[tap];
        } else {
            for (int64_t tap = 0; tap < taps; ++tap) {
                Row sum = splat(0.0f);
                for (int64_t o = 0; o < s.group_outputs(); ++o)
                    sum += splat(kernel[o * kernel_size + tap]) *
                           load(from + o * s.pixels(), count);
                wanted[tap] = sum;
            }
        }
    }

    // Gradients of LANES pixels' offsets, masks and inputs; what the taps passed on is kept.
    INLINE void taps_of(int64_t n, int64_t g, int64_t p, int count, bool again, Scratch& own,
                        int64_t r, int64_t taps) const {
        const Fields<T> fields(s, offset, mask, n, g);
        float* to_offset = grad_offset + (n * s.offset_groups + g) * taps * 2 * s.pixels() + p;
        float* to_mask = mask ? grad_mask + (n * s.offset_groups + g) * taps * s.pixels() + p
                              : nullptr;
        for (int64_t tap = 0; tap < taps; ++tap) {
            const Reading read(s, own.plane.data(), fields, rest, tap, p, 0, count);
            const Row strength = fields.strength(tap, p, count), wanted = own.wanted[tap];
            const Row pull = wanted * strength;
            own.values[r * taps + tap] = read.value * strength;
            put(to_offset + 2 * tap * s.pixels(), pull * (read.bottom - read.top), count, again);
            put(to_offset + (2 * tap + 1) * s.pixels(),
                pull * (read.across_top + read.down * (read.across_bottom - read.across_top)),
                count, again);
            if (to_mask) put(to_mask + tap * s.pixels(), wanted * read.value, count, again);
            const Row low = pull * read.down, high = pull - low;
            const Row low_right = low * read.right, high_right = high * read.right;
            add_corners(own.cells.data(), read.cell,
                        {high - high_right, low - low_right, high_right, low_right});
        }
    }

    static INLINE void put(float* to, Row row, int count, bool again) {
        store(to, again ? row + load(to, count) : row, count);
    }

    INLINE void add_weight(const float* from, int64_t left, int64_t rows, Scratch& own, int64_t o,
                           int64_t taps) const {
        Row above[BLOCK];
        for (int64_t r = 0; r < BLOCK; ++r)
            above[r] = r < rows
                           ? load(from + r * LANES, std::min<int64_t>(LANES, left - r * LANES))
                           : splat(0.0f);
        for (int64_t tap = 0; tap < taps; ++tap) {
            Row sum = own.weight_sums[o * taps + tap];
            for (int64_t r = 0; r < BLOCK; ++r) sum += above[r] * own.values[r * taps + tap];
            own.weight_sums[o * taps + tap] = sum;
        }
    }
};

int64_t pieces(const Sizes& s, int64_t threads) {
    const int64_t by_size = (s.pixels() + STRIP - 1) / STRIP;
    const int64_t by_threads = (threads + s.batch - 1) / s.batch;
    return std::max(by_size, by_threads);
}

template <typename T, int TAPS>
bool forward(const Sizes& s, const float* x, const T* offset, const T* mask, const float* weight,
             const float* bias, float* out, int64_t threads) {
    const int64_t strips = pieces(s, threads);
    const int64_t even = (s.pixels() + strips - 1) / strips;
    const int64_t strip = (even + LANES - 1) / LANES * LANES;
    const Forward<T, TAPS> work{s, x, weight, bias, offset, mask, out, strips, strip};
    return share_out(s.batch * strips, threads, work);
}

template <typename T, int TAPS>
bool backward(const Sizes& s, const float* x, const T* offset, const T* mask, const float* weight,
              const float* grad, float* grad_x, float* grad_offset, float* grad_mask,
              float* grad_weight, int64_t threads) {
    const Rest rest(s, 0, s.pixels());
    const Backward<T, TAPS> work{s,      x,           weight,    grad,        offset, mask,
                                 grad_x, grad_offset, grad_mask, grad_weight, rest};
    return share_out(s.batch * s.offset_groups, threads, work);
}

template <typename T, typename... Rest_>
int forward_any(const Sizes* s, Rest_... rest) try {
    return s->taps() == 9 ? forward<T, 9>(*s, rest...) : forward<T, 0>(*s, rest...);
} catch (const std::exception&) {
    return 0;
}

template <typename T, typename... Rest_>
int backward_any(const Sizes* s, Rest_... rest) try {
    return s->taps() == 9 ? backward<T, 9>(*s, rest...) : backward<T, 0>(*s, rest...);
} catch (const std::exception&) {
    return 0;
}

}  // namespace

// All give 1 where the work was done and 0 where memory did not suffice.
#define EXPORT(NAME, T)                                                                         \
    extern "C" int forward_##NAME(const Sizes* s, const float* x, const T* offset,              \
                                  const T* mask, const float* weight, const float* bias,        \
                                  float* out, int64_t threads) {                                \
        return forward_any<T>(s, x, offset, mask, weight, bias, out, threads);                  \
    }                                                                                           \
    extern "C" int backward_##NAME(const Sizes* s, const float* x, const T* offset,             \
                                   const T* mask, const float* weight, const float* grad,       \
                                   float* grad_x, float* grad_offset, float* grad_mask,         \
                                   float* grad_weight, int64_t threads) {                       \
        return backward_any<T>(s, x, offset, mask, weight, grad, grad_x, grad_offset,           \
                               grad_mask, grad_weight, threads);                                \
    }

EXPORT(float32, float)
EXPORT(bfloat16, BFloat16)
