"""Random numbers in CUDA's own language: Philox4x32-10, and the distributions that are made of it.

The generator is that of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011), and its
use is cuRAND's: a thread's numbers are its own stream, four 32-bit words at each place of it. A uniform number is
``(word + 1/2) / 2**32``, so 0 does not occur and 1 does, or takes 53 bits of two words; normal numbers come in pairs
by Box and Muller's method, the sine first. Where PyTorch takes the hardware's own approximations (``__logf``), so do
these kernels. They have been compiled, and run as C++ on the host, but not compared with PyTorch on a GPU.

A kernel's structure is its distribution and its element type. Every element is computed by a thread of its own, which
finds the word that PyTorch's launch would give it: see :func:`tcalc.engine.cuda_random.layout`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_PHILOX = """
typedef unsigned int word;
typedef unsigned long long wide;

__device__ uint4 philox(wide seed, wide place, wide stream)
{
    word a = place, b = place >> 32, c = stream, d = stream >> 32;
    word key = seed, other_key = seed >> 32;
    for (int round = 0; round < 10; ++round) {
        const word high_a = __umulhi(0xD2511F53u, a), low_a = 0xD2511F53u * a;
        const word high_c = __umulhi(0xCD9E8D57u, c), low_c = 0xCD9E8D57u * c;
        a = high_c ^ b ^ key;
        b = low_c;
        c = high_a ^ d ^ other_key;
        d = low_a;
        key += 0x9E3779B9u;
        other_key += 0xBB67AE85u;
    }
    return make_uint4(a, b, c, d);
}

__device__ word component(const uint4 four, int at)
{
    return at == 0 ? four.x : at == 1 ? four.y : at == 2 ? four.z : four.w;
}

// The words of one stream, one after the other.
struct Stream {
    wide seed, place, stream;
    uint4 four;
    int used;
    __device__ Stream(wide seed, wide offset, wide stream) : seed(seed), place(offset / 4), stream(stream), used(4) {}
    __device__ word next()
    {
        if (used == 4) {
            four = philox(seed, place++, stream);
            used = 0;
        }
        return component(four, used++);
    }
};

__device__ float uniform(word x) { return fmaf((float)x, 0x1p-32f, 0x1p-33f); }
__device__ double uniform(word x, word y) { return fma((double)(x ^ (wide)y << 21), 0x1p-53, 0x1p-54); }
"""

# A word for each element: `vector` elements that lie together belong to one thread, or, where it is 0, a thread takes
# every `threads`-th one.
_DRAW = """
__device__ float quick_log(float x) {{ return __logf(x); }}
__device__ double quick_log(double x) {{ return log(x); }}
__device__ float quick_log1p(float x) {{ return __logf(1.0f + x); }}
__device__ double quick_log1p(double x) {{ return log1p(x); }}
__device__ float quick_exp(float x) {{ return __expf(x); }}
__device__ double quick_exp(double x) {{ return exp(x); }}
__device__ float quick_tan(float x) {{ return __tanf(x); }}
__device__ double quick_tan(double x) {{ return tan(x); }}
// Away from the ends, where the quick tangent overflows.
__device__ float inner(float x) {{ return fminf(fmaxf(x, 0x1p-23f), 1.0f - 0x1p-23f); }}
__device__ double inner(double x) {{ return x; }}
// Never 0, which is no waiting time.
__device__ float negative_log(float x) {{ return x >= 1.0f - 0x1p-24f ? -0x1p-24f : quick_log(x); }}
__device__ double negative_log(double x) {{ return x >= 1.0 - 0x1p-53 ? -0x1p-53 : quick_log(x); }}

__device__ float normal(uint4 four, int at, float)
{{
    const float scale = 0x1p-32f * 6.2831855f;
    const word x = at < 2 ? four.x : four.z, y = at < 2 ? four.y : four.w;
    float sine, cosine;
    __sincosf(fmaf((float)y, scale, scale / 2), &sine, &cosine);
    return (at % 2 ? cosine : sine) * sqrtf(-2.0f * logf(uniform(x)));
}}

__device__ double normal(uint4 four, int at, double)
{{
    double sine, cosine;
    sincospi(2 * uniform(four.z, four.w), &sine, &cosine);
    return (at ? cosine : sine) * sqrt(-2.0 * log(uniform(four.x, four.y)));
}}

__device__ float uniform(uint4 four, int at, float) {{ return uniform(component(four, at)); }}
__device__ double uniform(uint4 four, int at, double)
{{
    return at ? uniform(four.z, four.w) : uniform(four.x, four.y);
}}

__device__ word bits(uint4 four, int at, word) {{ return component(four, at); }}
__device__ wide bits(uint4 four, int at, wide)
{{
    return at ? (wide)four.z << 32 | four.w : (wide)four.x << 32 | four.y;
}}

extern "C" __global__ void {name}(
    wide seed, wide offset, wide threads, wide vector, double first, double second, {type}* numbers, wide count)
{{
    const wide element = blockIdx.x * (wide)blockDim.x + threadIdx.x;
    if (element >= count) return;
    const int each = sizeof({type}) == 8 ? 2 : 4;
    wide thread = element % threads, place = element / (threads * each);
    int at = element / threads % each;
    if (vector) {{
        thread = element / vector % threads;
        place = element / vector / threads * ((vector + 3) / 4) + element % vector / 4;
        at = element % vector % 4;
    }}
    const {type} a = first, b = second;
    const {type} value = {draw}(philox(seed, offset / 4 + place, thread), at, {type}());
    numbers[element] = {formula};
}}
"""

# The source of randomness of a distribution, and what becomes of it; `a` and `b` are its parameters.
_DISTRIBUTIONS = {
    "standard": ("uniform", "value"),
    "uniform": ("uniform", "fma(value, b, a)"),
    "exponential": ("uniform", "-1 / a * negative_log(value)"),
    "geometric": ("uniform", "ceil(quick_log(value) / quick_log1p(-a))"),
    "cauchy": ("uniform", "fma(b, quick_tan(({type})3.14159265358979323846 * (inner(value) - ({type})0.5)), a)"),
    "normal": ("normal", "fma(value, b, a)"),
    "lognormal": ("normal", "quick_exp(fma(value, b, a))"),
}
_FLOATS = {"float32": "float", "float64": "double"}
_BITS = {"uint32": "word", "uint64": "wide"}

# Where keys are equal, sorting left their values in order: the first thread of such a run shuffles it.
_SHUFFLE = """
extern "C" __global__ void shuffle(wide seed, wide offset, const wide* keys, long long* values, wide count)
{
    const wide first = blockIdx.x * (wide)blockDim.x + threadIdx.x;
    if (first + 1 >= count || keys[first] != keys[first + 1]) return;
    if (first > 0 && keys[first - 1] == keys[first]) return;
    wide last = first + 1;
    while (last + 1 < count && keys[last + 1] == keys[first]) ++last;
    Stream stream(seed, offset, first);
    for (wide at = last - first; at > 0; --at) {
        const wide other = stream.next() % (word)(at + 1);
        const long long moved = values[first + at];
        values[first + at] = values[first + other];
        values[first + other] = moved;
    }
}
"""


# A thread an element. Few events: Knuth's product of uniform numbers; very many: a rounded normal number, both as in
# cuRAND. Between 64 and 4000 cuRAND's way is NVIDIA's own, and this is Hörmann's rejection: the same distribution.
_POISSON = """
__device__ double events_of(Stream& stream, double rate)
{
    if (rate < 64) {
        double events = -1;
        float product = expf((float)rate);
        do {
            events += 1;
            product *= uniform(stream.next());
        } while (product > 1);
        return events;
    }
    if (rate > 4000) {
        double sine, cosine;
        const word a = stream.next(), b = stream.next(), c = stream.next(), d = stream.next();
        sincospi(2 * uniform(c, d), &sine, &cosine);
        const double events = sqrt(rate) * (sine * sqrt(-2.0 * log(uniform(a, b)))) + rate + 0.5;
        return floor(fmin(fmax(events, 0.0), 4294967295.0));  // what an unsigned int holds
    }
    const double spread = 0.931 + 2.53 * sqrt(rate), slope = -0.059 + 0.02483 * spread;
    const double inverse_alpha = 1.1239 + 1.1328 / (spread - 3.4), limit = 0.9277 - 3.6224 / (spread - 2);
    for (;;) {
        const double place = uniform(stream.next()) - 0.5, height = uniform(stream.next());
        const double room = 0.5 - fabs(place);
        const double events = floor((2 * slope / room + spread) * place + rate + 0.43);
        if (room >= 0.07 && height <= limit) return events;
        if (!(events >= 0) || (room < 0.013 && height > room)) continue;
        const double density = log(height * inverse_alpha / (slope / (room * room) + spread));
        if (density <= -rate + events * log(rate) - lgamma(events + 1)) return events;
    }
}

extern "C" __global__ void poisson(wide seed, wide offset, const double* rates, double* numbers, wide count)
{
    const wide element = blockIdx.x * (wide)blockDim.x + threadIdx.x;
    if (element >= count) return;
    Stream stream(seed, offset, element);
    numbers[element] = events_of(stream, rates[element]);
}
"""

# A thread takes every 128th of 1024 elements, one after the other; chances below a half, few successes by counting
# the gaps between them, many by Hörmann's transformed rejection (BTRS).
_BINOMIAL = """
__device__ {type} next_uniform(Stream& stream) {{ return (stream.next() & 0xFFFFFFu) * 0x1p-24f; }}

__device__ {type} by_gaps(Stream& stream, {type} trials, {type} chance)
{{
    const {type} logarithm = log1p(-chance);
    {type} place = 0, successes = 0;
    for (;;) {{
        place += ceil(log(next_uniform(stream)) / logarithm);
        if (place > trials) return successes;
        successes += 1;
    }}
}}

__device__ {type} rest({type} number)
{{
    const double exact[] = {{
        0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
        0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287}};
    if (number <= 9) return exact[(int)number];
    const {type} square = (number + 1) * (number + 1);
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (number + 1);
}}

__device__ {type} by_rejection(Stream& stream, {type} trials, {type} chance)
{{
    const {type} deviation = sqrt(trials * chance * (1 - chance));
    const {type} b = 1.15 + 2.53 * deviation, a = -0.0873 + 0.0248 * b + 0.01 * chance;
    const {type} c = trials * chance + 0.5, squeeze = 0.92 - 4.2 / b, odds = chance / (1 - chance);
    const {type} alpha = (2.83 + 5.1 / b) * deviation, mode = floor((trials + 1) * chance);
    for (;;) {{
        const {type} place = next_uniform(stream) - 0.5, height = next_uniform(stream);
        const {type} edge = 0.5 - fabs(place);
        const {type} found = floor((2 * a / edge + b) * place + c);
        if (!(found >= 0 && found <= trials)) continue;
        if (edge >= 0.07 && height <= squeeze) return found;
        const {type} bound = (mode + 0.5) * log((mode + 1) / (odds * (trials - mode + 1)))
            + (trials + 1) * log((trials - mode + 1) / (trials - found + 1))
            + (found + 0.5) * log(odds * (trials - found + 1) / (found + 1))
            + rest(mode) + rest(trials - mode) - rest(found) - rest(trials - found);
        if (log(height * alpha / (a / (edge * edge) + b)) <= bound) return found;
    }}
}}

__device__ {type} successes_of(Stream& stream, {type} trials, {type} chance)
{{
    if (trials <= 0 || chance <= 0) return 0;
    if (chance >= 1) return trials;
    if (chance != chance) return chance;
    if (!isfinite(trials)) return trials;  // of which there is no end to count
    const {type} rare = chance <= ({type})0.5 ? chance : 1 - chance;
    const {type} found = trials * rare >= 10 ? by_rejection(stream, trials, rare) : by_gaps(stream, trials, rare);
    return chance <= ({type})0.5 ? found : trials - found;
}}

extern "C" __global__ void {name}(
    wide seed, wide offset, const {type}* trials, const {type}* chances, {type}* numbers, wide count, wide threads)
{{
    const wide thread = blockIdx.x * (wide)blockDim.x + threadIdx.x;
    if (thread >= threads) return;
    Stream stream(seed, offset, thread);
    for (int step = 0; step < 8; ++step) {{
        const wide element = thread / 128 * 1024 + step * 128 + thread % 128;
        if (element >= count) return;
        numbers[element] = successes_of(stream, trials[element], chances[element]);
    }}
}}
"""


def draw_source(distribution: str, dtype: str) -> tuple[str, str]:
    """The kernel that draws numbers of a distribution (or ``bits``): its name and its source."""
    name = f"draw_{distribution}_{dtype}"
    draw, formula = ("bits", "value") if distribution == "bits" else _DISTRIBUTIONS[distribution]
    type_name = _BITS[dtype] if distribution == "bits" else _FLOATS[dtype]
    formula = formula.format(type=type_name)
    return name, _PHILOX + _DRAW.format(name=name, type=type_name, draw=draw, formula=formula)


def shuffle_source() -> tuple[str, str]:
    """The kernel that shuffles values whose keys are equal: its name and its source."""
    return "shuffle", _PHILOX + _SHUFFLE


def poisson_source() -> tuple[str, str]:
    """The kernel that draws numbers of events: its name and its source."""
    return "poisson", _PHILOX + _POISSON


def binomial_source(dtype: str) -> tuple[str, str]:
    """The kernel that draws numbers of successes: its name and its source."""
    name = f"binomial_{dtype}"
    return name, _PHILOX + _BINOMIAL.format(name=name, type=_FLOATS[dtype])


def structures() -> Iterator[tuple[str, str]]:
    """The name and the source of every kernel there is."""
    for dtype in _BITS:
        yield draw_source("bits", dtype)
    for distribution in _DISTRIBUTIONS:
        for dtype in _FLOATS:
            yield draw_source(distribution, dtype)
    for dtype in _FLOATS:
        yield binomial_source(dtype)
    yield poisson_source()
    yield shuffle_source()
