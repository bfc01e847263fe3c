/// \file
/// What libtransect_sentencepiece.so exports: the part of the sentencepiece
/// library that we use, as C functions. No memory changes hands: what a
/// function returns besides numbers is given to a callback, which copies it
/// before it returns. No exception passes either way.
///
/// Only spm_shim.h's implementation uses this; it says why there is a shared
/// object at all. The two are always built and installed together, so nothing
/// here has a version.
#ifndef TRANSECT_DATA_TEXT_SENTENCEPIECE_C_H_
#define TRANSECT_DATA_TEXT_SENTENCEPIECE_C_H_

#include <stddef.h>

extern "C" {

struct TransectSpmBytes {
  const char* data;
  size_t size;
};

/// Where a function puts a result, with what its caller wants back in `to`.
typedef void TransectSpmTakeBytes(void* to, TransectSpmBytes bytes);
typedef void TransectSpmTakeId(void* to, int id);

/// A loaded model.
struct TransectSpmModel;

/// Loads a serialized model. Null where it is none; `problem` is then called
/// once with the reason.
TransectSpmModel* TransectSpmLoad(TransectSpmBytes serialized,
                                  TransectSpmTakeBytes* problem, void* to);

/// Frees what TransectSpmLoad returned; null is fine.
void TransectSpmFree(TransectSpmModel* model);

/// Calls `take` with each id of the best segmentation of `text`, in order. May
/// run in several threads for one model.
void TransectSpmEncode(const TransectSpmModel* model, TransectSpmBytes text,
                       TransectSpmTakeId* take, void* to);

/// Trains a model from `sentence_count` sentences. `options` are
/// sentencepiece's: 2 * `option_count` entries, each name before its value.
/// Returns 1 after one call of `serialized` with the model, or 0 after one call
/// of `problem` with the reason.
int TransectSpmTrain(const TransectSpmBytes* options, size_t option_count,
                     const TransectSpmBytes* sentences, size_t sentence_count,
                     TransectSpmTakeBytes* serialized, void* serialized_to,
                     TransectSpmTakeBytes* problem, void* problem_to);

}  // extern "C"

#endif  // TRANSECT_DATA_TEXT_SENTENCEPIECE_C_H_
