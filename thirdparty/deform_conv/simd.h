// A row of LANES floats and the few things the deformable convolution does with it.
//
// Written with the vector extensions of GCC and Clang, so it compiles for any processor;
// x86 intrinsics stand only where the compiler would not find the instruction itself.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
constexpr int LANES = 16;
#else
constexpr int LANES = 8;
#endif

typedef float Row __attribute__((vector_size(LANES * 4)));
typedef int32_t Index __attribute__((vector_size(LANES * 4)));
typedef float Quad __attribute__((vector_size(16)));

#define INLINE inline __attribute__((always_inline))

// Lets the lanes be loaded from there, one by one, instead of being taken out of a register.
#define IN_MEMORY(array) asm("" : "+m"(array))

// A 16-bit brain float: the upper half of a float.
struct BFloat16 {
    uint16_t bits;
};

INLINE float widen(float value) { return value; }

INLINE float widen(BFloat16 value) {
    const uint32_t bits = static_cast<uint32_t>(value.bits) << 16;
    float wide;
    std::memcpy(&wide, &bits, sizeof wide);
    return wide;
}

// Subtracting zero changes nothing, so these become one broadcast.
INLINE Row splat(float value) { return value - Row{}; }

INLINE Index splat_index(int32_t value) { return value - Index{}; }

INLINE Row load_full(const float* from) {
    Row row;
    std::memcpy(&row, from, sizeof row);
    return row;
}

INLINE Row load_full(const BFloat16* from) {
    typedef uint16_t Half __attribute__((vector_size(LANES * 2)));
    typedef uint32_t Wide __attribute__((vector_size(LANES * 4)));
    Half half;
    std::memcpy(&half, from, sizeof half);
    return reinterpret_cast<Row>(__builtin_convertvector(half, Wide) << 16);
}

// The first `count` values; zeros behind them.
template <typename T>
INLINE Row load(const T* from, int count) {
    if (__builtin_expect(count == LANES, 1)) return load_full(from);
    Row row = splat(0.0f);
    for (int lane = 0; lane < count; ++lane) row[lane] = widen(from[lane]);
    return row;
}

INLINE void store(float* to, Row row, int count) {
    std::memcpy(to, &row, count == LANES ? sizeof row : sizeof(float) * count);
}

INLINE Index load_index(const int32_t* from) {
    Index row;
    std::memcpy(&row, from, sizeof row);
    return row;
}

INLINE Row floor_of(Row value) {
#if defined(__AVX512F__)
    return (Row)_mm512_roundscale_ps((__m512)value, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
#elif defined(__AVX2__)
    return (Row)_mm256_floor_ps((__m256)value);
#else
    for (int lane = 0; lane < LANES; ++lane) value[lane] = __builtin_floorf(value[lane]);
    return value;
#endif
}

// To whole numbers; what does not fit (and NaN) becomes the smallest one.
INLINE Index whole(Row value) {
#if defined(__AVX512F__)
    return (Index)_mm512_cvttps_epi32((__m512)value);
#elif defined(__AVX2__)
    return (Index)_mm256_cvttps_epi32((__m256)value);
#else
    Index result;
    for (int lane = 0; lane < LANES; ++lane) {
        const bool fits = value[lane] > -2147483000.0f && value[lane] < 2147483000.0f;
        result[lane] = fits ? static_cast<int32_t>(value[lane]) : INT32_MIN;
    }
    return result;
#endif
}

INLINE Index clamp(Index value, Index highest) {
    const Index zero = splat_index(0);
    value = value < zero ? zero : value;
    return value > highest ? highest : value;
}

INLINE float sum_of(Row row) {
    float half[LANES];
    std::memcpy(half, &row, sizeof half);
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int lane = 0; lane < width; ++lane) half[lane] += half[lane + width];
    return half[0];
}

// The four corners of the cell that each lane reads.
struct Corners {
    Row top_left, bottom_left, top_right, bottom_right;
};

#if defined(__AVX512F__) || defined(__AVX2__)

INLINE __m128 quad_at(const float* plane, int32_t cell) {
    return _mm_loadu_ps(plane + 2 * static_cast<int64_t>(cell));
}

#endif

#if defined(__AVX512F__)

INLINE __m512 quads(const float* plane, const int32_t* cell) {
    const __m128 a = quad_at(plane, cell[0]), b = quad_at(plane, cell[4]);
    const __m128 c = quad_at(plane, cell[8]), d = quad_at(plane, cell[12]);
    const __m256 low = _mm256_insertf128_ps(_mm256_castps128_ps256(a), b, 1);
    const __m256 high = _mm256_insertf128_ps(_mm256_castps128_ps256(c), d, 1);
    return _mm512_castpd_ps(_mm512_insertf64x4(
        _mm512_castps_pd(_mm512_castps256_ps512(low)), _mm256_castps_pd(high), 1));
}

// Quads of one lane each to rows of one corner each, and back: a 4x4 transposition.
INLINE void transpose(__m512& a, __m512& b, __m512& c, __m512& d) {
    const __m512d ab = _mm512_castps_pd(_mm512_unpacklo_ps(a, b));
    const __m512d cd = _mm512_castps_pd(_mm512_unpacklo_ps(c, d));
    const __m512d ef = _mm512_castps_pd(_mm512_unpackhi_ps(a, b));
    const __m512d gh = _mm512_castps_pd(_mm512_unpackhi_ps(c, d));
    a = _mm512_castpd_ps(_mm512_unpacklo_pd(ab, cd));
    b = _mm512_castpd_ps(_mm512_unpackhi_pd(ab, cd));
    c = _mm512_castpd_ps(_mm512_unpacklo_pd(ef, gh));
    d = _mm512_castpd_ps(_mm512_unpackhi_pd(ef, gh));
}

typedef __m512 Wide4;

#elif defined(__AVX2__)

INLINE __m256 quads(const float* plane, const int32_t* cell) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(quad_at(plane, cell[0])),
                                quad_at(plane, cell[4]), 1);
}

INLINE void transpose(__m256& a, __m256& b, __m256& c, __m256& d) {
    const __m256d ab = _mm256_castps_pd(_mm256_unpacklo_ps(a, b));
    const __m256d cd = _mm256_castps_pd(_mm256_unpacklo_ps(c, d));
    const __m256d ef = _mm256_castps_pd(_mm256_unpackhi_ps(a, b));
    const __m256d gh = _mm256_castps_pd(_mm256_unpackhi_ps(c, d));
    a = _mm256_castpd_ps(_mm256_unpacklo_pd(ab, cd));
    b = _mm256_castpd_ps(_mm256_unpackhi_pd(ab, cd));
    c = _mm256_castpd_ps(_mm256_unpacklo_pd(ef, gh));
    d = _mm256_castpd_ps(_mm256_unpackhi_pd(ef, gh));
}

typedef __m256 Wide4;

#endif

#if defined(__AVX512F__) || defined(__AVX2__)

INLINE Corners read_corners(const float* plane, Index cell) {
    alignas(64) int32_t at[LANES];
    std::memcpy(at, &cell, sizeof at);
    IN_MEMORY(at);
    Wide4 a = quads(plane, at), b = quads(plane, at + 1);
    Wide4 c = quads(plane, at + 2), d = quads(plane, at + 3);
    transpose(a, b, c, d);
    return {(Row)a, (Row)b, (Row)c, (Row)d};
}

INLINE void add_corners(float* cells, Index cell, Corners add) {
    alignas(64) int32_t at[LANES];
    alignas(64) float quad[4][LANES];
    std::memcpy(at, &cell, sizeof at);
    IN_MEMORY(at);
    Wide4 a = (Wide4)add.top_left, b = (Wide4)add.bottom_left;
    Wide4 c = (Wide4)add.top_right, d = (Wide4)add.bottom_right;
    transpose(a, b, c, d);
    std::memcpy(quad[0], &a, sizeof a);
    std::memcpy(quad[1], &b, sizeof b);
    std::memcpy(quad[2], &c, sizeof c);
    std::memcpy(quad[3], &d, sizeof d);
    for (int lane = 0; lane < LANES; ++lane) {
        float* to = cells + 4 * static_cast<int64_t>(at[lane]);
        const __m128 more = _mm_load_ps(&quad[lane % 4][lane / 4 * 4]);
        _mm_storeu_ps(to, _mm_add_ps(_mm_loadu_ps(to), more));
    }
}

#else

INLINE Corners read_corners(const float* plane, Index cell) {
    Corners found;
    for (int lane = 0; lane < LANES; ++lane) {
        const float* from = plane + 2 * static_cast<int64_t>(cell[lane]);
        found.top_left[lane] = from[0];
        found.bottom_left[lane] = from[1];
        found.top_right[lane] = from[2];
        found.bottom_right[lane] = from[3];
    }
    return found;
}

INLINE void add_corners(float* cells, Index cell, Corners add) {
    for (int lane = 0; lane < LANES; ++lane) {
        const Quad more = {add.top_left[lane], add.bottom_left[lane], add.top_right[lane],
                           add.bottom_right[lane]};
        float* to = cells + 4 * static_cast<int64_t>(cell[lane]);
        Quad sum;
        std::memcpy(&sum, to, sizeof sum);
        sum += more;
        std::memcpy(to, &sum, sizeof sum);
    }
}

#endif
