#include "data/synthetic/render/aerial.h"

#include "data/synthetic/render/aerial_camera.h"
#include "data/synthetic/render/aerial_clutter.h"
#include "data/synthetic/render/aerial_ground.h"
#include "data/synthetic/render/aerial_objects.h"
#include "data/synthetic/render/aerial_picture.h"
#include "data/synthetic/render/aerial_shadows.h"

namespace transect {

Image RenderToScaleScene(const Scene& scene, const AerialLook& look,
                         Philox* random) {
  AerialPicture picture(scene, look, random);
  MarkObjects(&picture);
  RenderGround(&picture);
  RenderPads(&picture);
  Clutter clutter(&picture);
  clutter.Place();
  CastObjectShadows(&picture);
  ApplyShadows(&picture);
  clutter.Draw();
  DrawObjects(&picture);
  return Develop(random, &picture);
}

}  // namespace transect
