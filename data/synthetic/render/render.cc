#include "data/synthetic/render/render.h"

#include "data/synthetic/render/aerial_camera.h"
#include "data/synthetic/render/aerial_clutter.h"
#include "data/synthetic/render/aerial_ground.h"
#include "data/synthetic/render/aerial_objects.h"
#include "data/synthetic/render/aerial_picture.h"
#include "data/synthetic/render/aerial_shadows.h"
#include "data/synthetic/render/icons.h"

namespace transect {
namespace {

// Land cover from layered noise, parcels, streets with houses, roads with
// markings, trees, shadows of one sun, and at last what the camera adds. Each
// step reads what the ones before left in the picture.
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

}  // namespace

Image RenderScene(const Scene& scene, const SynthesisSpec& spec,
                  Philox* random) {
  return scene.land.gsd_cm != 0
             ? RenderToScaleScene(scene, spec.aerial(), random)
             : RenderIcons(scene, spec, random);
}

}  // namespace transect
