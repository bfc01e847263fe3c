#include "model/lora/dropout_on_device.h"

#include <torch/torch.h>

#ifdef TRANSECT_CUDA
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "model/lora/dropout_kernel.h"
#endif

namespace transect {

#ifdef TRANSECT_CUDA

void DropOnDevice(const at::Tensor& keys, int64_t dropped, const at::Tensor& x,
                  bool add, at::Tensor& out) {
  DropoutCall call;
  switch (x.scalar_type()) {
    case at::kFloat:
      call.type = DropoutElement::kFloat;
      break;
    case at::kBFloat16:
      call.type = DropoutElement::kBFloat16;
      break;
    case at::kHalf:
      call.type = DropoutElement::kHalf;
      break;
    default:
      TORCH_CHECK(false, "dropout: no kernel for ", x.scalar_type());
  }
  call.x = x.const_data_ptr();
  call.out = out.mutable_data_ptr();
  call.add = add;
  call.keys = keys.const_data_ptr<int64_t>();
  call.samples = keys.numel();
  call.per_sample = x.numel() / call.samples;
  call.dropped = static_cast<uint32_t>(dropped);
  call.factor = 65536.0F / static_cast<float>(65536 - dropped);
  const c10::cuda::CUDAGuard guard(x.device());
  C10_CUDA_CHECK(QueueDropout(call, c10::cuda::getCurrentCUDAStream()));
}

#else

void DropOnDevice(const at::Tensor& keys, int64_t dropped, const at::Tensor& x,
                  bool add, at::Tensor& out) {
  TORCH_CHECK(false, "dropout on ", x.device(),
              ": this program was built without CUDA");
}

#endif

}  // namespace transect
