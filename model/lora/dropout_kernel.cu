#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <algorithm>
#include <cstdint>

#include "data/random/philox_constants.h"
#include "model/lora/dropout_kernel.h"

namespace transect {
namespace {

// An array has no address on the device.
constexpr uint32_t kWeyl0 = kPhiloxWeyl[0], kWeyl1 = kPhiloxWeyl[1];

constexpr int kDrawsPerBlock = 8;
constexpr int kThreads = 256;

// As many as travel as a parameter of the kernel, which needs no copy.
constexpr int kKeys = 128;
struct Keys {
  uint64_t of_sample[kKeys];
};

__device__ float ToFloat(float x) { return x; }
__device__ float ToFloat(__nv_bfloat16 x) { return __bfloat162float(x); }
__device__ float ToFloat(__half x) { return __half2float(x); }
__device__ void Assign(float x, float* to) { *to = x; }
__device__ void Assign(float x, __nv_bfloat16* to) {
  *to = __float2bfloat16_rn(x);
}
__device__ void Assign(float x, __half* to) { *to = __float2half_rn(x); }

// A thread has the eight elements of one block of Philox.
template <typename T, bool kAdd>
__global__ void Drop(const T* x, T* out, Keys keys, int64_t per_sample,
                     int64_t blocks, uint32_t dropped, float factor) {
  const int64_t block = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (block >= blocks) return;
  const int64_t sample = blockIdx.y;
  uint32_t key0 = static_cast<uint32_t>(keys.of_sample[sample]);
  uint32_t key1 = static_cast<uint32_t>(keys.of_sample[sample] >> 32);
  uint32_t c[4] = {static_cast<uint32_t>(block), 0, 0, 0};
#pragma unroll
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const uint64_t p0 = uint64_t{kPhiloxMultipliers[0]} * c[0];
    const uint64_t p1 = uint64_t{kPhiloxMultipliers[1]} * c[2];
    c[0] = static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ key0;
    c[1] = static_cast<uint32_t>(p1);
    c[2] = static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ key1;
    c[3] = static_cast<uint32_t>(p0);
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  const int64_t first = block * kDrawsPerBlock;
  x += sample * per_sample + first;
  out += sample * per_sample + first;
#pragma unroll
  for (int i = 0; i < kDrawsPerBlock; ++i) {
    if (first + i >= per_sample) return;
    const uint32_t draw = c[i / 2] >> (16 * (i % 2)) & 0xFFFF;
    T kept;
    // Never fused with the addition: the product is rounded first.
    Assign(__fmul_rn(ToFloat(x[i]), draw >= dropped ? factor : 0.0f), &kept);
    if (kAdd) Assign(__fadd_rn(ToFloat(out[i]), ToFloat(kept)), &kept);
    out[i] = kept;
  }
}

template <typename T>
cudaError_t Queue(const DropoutCall& call, cudaStream_t stream) {
  const int64_t blocks =
      (call.per_sample + kDrawsPerBlock - 1) / kDrawsPerBlock;
  if (blocks == 0) return cudaSuccess;
  for (int64_t begin = 0; begin < call.samples; begin += kKeys) {
    const int64_t samples = std::min<int64_t>(kKeys, call.samples - begin);
    Keys keys;
    for (int64_t i = 0; i < samples; ++i) {
      keys.of_sample[i] = static_cast<uint64_t>(call.keys[begin + i]);
    }
    const dim3 grid(static_cast<unsigned>((blocks + kThreads - 1) / kThreads),
                    static_cast<unsigned>(samples));
    const T* const x =
        static_cast<const T*>(call.x) + begin * call.per_sample;
    T* const out = static_cast<T*>(call.out) + begin * call.per_sample;
    if (call.add) {
      Drop<T, true><<<grid, kThreads, 0, stream>>>(
          x, out, keys, call.per_sample, blocks, call.dropped, call.factor);
    } else {
      Drop<T, false><<<grid, kThreads, 0, stream>>>(
          x, out, keys, call.per_sample, blocks, call.dropped, call.factor);
    }
    if (const cudaError_t error = cudaGetLastError(); error != cudaSuccess) {
      return error;
    }
  }
  return cudaSuccess;
}

}  // namespace

cudaError_t QueueDropout(const DropoutCall& call, cudaStream_t stream) {
  switch (call.type) {
    case DropoutElement::kFloat:
      return Queue<float>(call, stream);
    case DropoutElement::kBFloat16:
      return Queue<__nv_bfloat16>(call, stream);
    case DropoutElement::kHalf:
      return Queue<__half>(call, stream);
  }
  return cudaErrorInvalidValue;
}

}  // namespace transect
